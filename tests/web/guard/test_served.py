"""What only a real server shows: nothing leaves it, nobody holds it up, nothing of it is told."""

import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from geoapp.bootstrap import Workspace
from geoapp.keeping.doctor import examine
from geoapp.settings import Settings, find_folder
from tests.conftest import ROOT
from tests.web.guard.serving import Page, Server, cookies_of, served_offline, visit_server

PAGES = sorted(path.stem for path in find_folder("pages").glob("*.py"))
pytestmark = pytest.mark.xdist_group("served")


@pytest.fixture(scope="module")
def server(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served_offline(city, tmp_path_factory.mktemp("server")) as found:
        yield found


@contextmanager
def opened(server: Server, role: str) -> Iterator[Page]:
    with visit_server(server, role) as client:
        page = Page(server, client)
        try:
            yield page
        finally:
            page.close()


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9", "null"])
def test_a_foreign_web_socket_is_refused_at_once_though_no_name_server_answers(
    server: Server, origin: str
) -> None:
    start = time.monotonic()
    place = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    with pytest.raises(InvalidStatus) as caught, connect(place, origin=origin):  # type: ignore[arg-type]
        pytest.fail("was let in")
    assert caught.value.response.status_code == 403
    assert time.monotonic() - start < 2
    assert server.health_s() < 2
    assert server.leaving == []


@pytest.mark.parametrize("role", ["public", "administrator"])
def test_no_page_tries_to_leave_the_machine(server: Server, role: str) -> None:
    with opened(server, role) as page:
        page.run()
        assert {"overview", "places"} <= set(page.hashes)
        for name in sorted(page.hashes):
            said = page.run(name)
            kinds = [message.delta.new_element.WhichOneof("type") for message in said]
            assert "exception" not in kinds, name
    assert server.leaving == []


def test_a_page_tells_nothing_of_the_machine(server: Server, city: Path) -> None:
    with opened(server, "public") as page:
        said = b"".join(message.SerializeToString() for message in page.run())
        assert page.session
    for secret in (ROOT, city, Path.home() / ".streamlit"):
        assert str(secret).encode() not in said


def test_the_session_of_somebody_elses_page_is_not_taken_over(server: Server) -> None:
    with opened(server, "planner") as page, visit_server(server, "township") as thief:
        page.run()
        assert "planning" in page.offered
        page.close()  # so that it could be taken up again
        with closing(Page(server, thief, session=page.session)) as stolen:
            stolen.run()
            assert stolen.session != page.session
            assert "planning" not in stolen.offered


def test_nobody_who_opens_a_page_may_do_what_developers_may(server: Server) -> None:
    with opened(server, "public") as page:
        page.run()
        for name in ("load_git_info", "clear_cache", "set_run_on_save"):
            wish = BackMsg()
            setattr(wish, name, True)
            page.send(wish)
        for name in ("install_skills", "dismiss_skills_nudge"):
            wish = BackMsg()
            getattr(wish.backend_operation_request, name).SetInParent()
            wish.backend_operation_request.request_id = "1"
            page.send(wish)
        with suppress(TimeoutError):
            while message := page.hear(1):
                assert message.WhichOneof("type") == "session_status_changed"
                assert not message.session_status_changed.run_on_save
        page.run()  # and the page lives on


def test_bytes_that_are_no_wish_end_only_their_own_page(server: Server) -> None:
    with opened(server, "public") as page, opened(server, "public") as other:
        page._socket.send(b"\xff" * 1000)
        other.run()
    assert server.process.poll() is None


def open_soon(server: Server, client: httpx.Client) -> Page:
    """Open a page; the server may still be closing those of the test before."""
    for _ in range(50):
        try:
            return Page(server, client)
        except InvalidStatus:
            time.sleep(0.1)
    return Page(server, client)


def test_one_account_holds_so_many_pages_and_no_more(server: Server) -> None:
    with visit_server(server, "township") as client, ExitStack() as pages:
        for _ in range(20):
            pages.callback(open_soon(server, client).close)
        with pytest.raises(InvalidStatus):
            Page(server, client)
        with opened(server, "public") as other:
            other.run()
        pages.close()
        time.sleep(0.5)
        Page(server, client).close()


# --- uploads ------------------------------------------------------------------------------

EDGE = b"0123456789abcdef"


def put(server: Server, page: Page, cookie: str, size: int, **more: object) -> bytes:
    """Word the beginning and the whole of an upload."""
    start = (
        f'--{EDGE.decode()}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    )
    body = start.encode() + b"x" * size + b"\r\n--" + EDGE + b"--\r\n"
    lines = [
        f"PUT /_stcore/upload_file/{page.session}/{more.get('file', 'torn')} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.url}",
        f"Cookie: {cookie}",
        f"X-Xsrftoken: {cookie.partition('_streamlit_xsrf=')[2].partition(';')[0]}",
        f"Content-Type: multipart/form-data; boundary={EDGE.decode()}",
        f"Content-Length: {more.get('declared', len(body))}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def send_raw(server: Server, content: bytes) -> bytes:
    """Send bytes, say that nothing follows, and read the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        with suppress(OSError):
            wire.sendall(content)
            wire.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(OSError):
            while part := wire.recv(65536):
                answer += part
                if b"\r\n\r\n" in answer:
                    break
        return answer


def kept_files(city: Path) -> set[Path]:
    """List what a city keeps; what pages derive from its layers does not matter."""
    found = {path for path in city.rglob("*") if path.is_file()}
    return {
        path
        for path in found
        if not {"measure", "tiles"} & set(path.parts) and not path.name.startswith("register.db")
    }


def test_an_upload_that_is_torn_off_leaves_nothing_and_the_next_one_is_taken(
    server: Server, city: Path
) -> None:
    before = kept_files(city)
    with visit_server(server, "planner") as client:
        page = Page(server, client)
        page.run()
        cookie = cookies_of(client)
        whole = put(server, page, cookie, 400_000)
        for part in (0.01, 0.5, 0.99):
            send_raw(server, whole[: int(len(whole) * part)])
        for declared in (len(whole) * 2, 100, -5, "many", 10**12):
            answer = send_raw(server, put(server, page, cookie, 1000, declared=declared))
            assert not answer.startswith((b"HTTP/1.1 204", b"HTTP/1.1 5")), (declared, answer)
        answer = send_raw(server, put(server, page, cookie, 400_000, file="whole"))
        assert answer.startswith(b"HTTP/1.1 204"), answer
        page.close()
    assert kept_files(city) == before
    assert server.process.poll() is None


def test_a_flood_of_uploads_is_stopped_before_it_fills_the_memory(server: Server) -> None:
    before = server.memory_mb()
    with visit_server(server, "inspector") as client:
        page = Page(server, client)
        page.run()
        cookie = cookies_of(client)

        def upload(number: int) -> bytes:
            return send_raw(server, put(server, page, cookie, 45_000_000, file=f"f{number}"))

        with ThreadPoolExecutor(4) as many:
            answers = [answer[9:12] for answer in many.map(upload, range(12))]
        page.close()
    # Who is refused while sending may find the connection closed before the answer.
    assert set(answers) <= {b"204", b"429", b""}
    assert 0 < answers.count(b"204") <= 8
    assert server.memory_mb() - before < 600
    assert server.health_s() < 2


def test_a_flood_of_passwords_takes_bounded_memory_and_others_are_served(server: Server) -> None:
    before = server.memory_mb()

    def guess(number: int) -> int:
        with visit_server(server) as client:
            form = {"name": f"nobody{number}", "password": "wrong-password-1"}
            return client.post("/account/sign-in", data=form).status_code

    with ThreadPoolExecutor(24) as many:
        answers = list(many.map(guess, range(60)))
    assert set(answers) <= {401, 429, 503}
    assert len(set(answers)) > 1
    assert server.memory_mb() - before < 200
    assert server.health_s() < 2
    assert server.leaving == []


def test_a_server_that_is_killed_during_an_upload_leaves_a_whole_city(
    sample_workspace: Path, tmp_path: Path
) -> None:
    city = tmp_path / "city"  # its own: tests run in any order, and this one leaves no server
    shutil.copytree(sample_workspace, city)
    with served_offline(city, tmp_path) as server:
        with visit_server(server, "administrator") as client:
            page = Page(server, client)
            page.run()
            whole = put(server, page, cookies_of(client), 5_000_000)
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
            wire.sendall(whole[:2_500_000])
            server.kill()
    opened_again = Workspace.open(city, settings=Settings())
    found = examine(city, opened_again.library).symptoms
    assert [one for one in found if one.severity == "fault"] == []
    opened_again.close()
