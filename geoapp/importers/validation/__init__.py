"""What is checked in a file before it becomes a snapshot; tolerances are stated beside each check.

Nothing stops here: findings are collected, and whoever imports decides what becomes of them.
"""
