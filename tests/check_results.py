"""Answers of checks made by hand, for tests of what is written from them."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyproj
import shapely

from geoapp.compliance.composition import ClassShare, Composition, UnitShare
from geoapp.compliance.finding import Basis, FeatureHit, Finding
from geoapp.compliance.result import CheckResult, Note, ParcelResult, Remedy, Shift
from geoapp.i18n import Text

_BACK = pyproj.Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True)
WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EXAMPLE = shapely.Polygon(
    [(449395, 3223850), (449490.25, 3223852.5), (449492.5, 3223772), (449397, 3223769.5)],
    [[(449425, 3223825), (449426, 3223802), (449453, 3223802.5), (449451.5, 3223826)]],
)


def to_degrees(plane: shapely.Geometry) -> shapely.Geometry:
    """Bring a drawing in the Gauss plane of zone 37 to degrees."""
    return shapely.transform(plane, lambda xy: np.column_stack(_BACK.transform(*xy.T)))


def many_points(count: int = 40) -> shapely.Geometry:
    """A wavy parcel of many points, in the Gauss plane."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = 70 + 22 * np.sin(5 * turn) + 6 * np.cos(9 * turn)
    return shapely.Polygon(
        np.column_stack([449440 + reach * np.cos(turn), 3223810 + reach * np.sin(turn)])
    )


LAW = Basis(
    title=Text(zh="《中华人民共和国土地管理法》", en="Land Administration Law"),
    article="第三十三条、第三十五条",
    since=date(2020, 1, 1),
)


def finding(**facts: Any) -> Finding:
    """A finding on permanent farmland, other than told."""
    given: dict[str, Any] = {
        "layer": "permanent_farmland",
        "layer_title": Text(zh="永久基本农田", en="Permanent basic farmland"),
        "rule": "farmland_building",
        "title": Text(zh="永久基本农田不得占用", en="No building on permanent farmland"),
        "effect": "prohibit",
        "relation": "occupies",
        "bears": True,
        "coverage": "complete",
        "overlap_m2": 1234.567,
        "share": 0.17487,
        "distance_m": 0.0,
        "edge_m": 0.0,
        "searched_m": 200.0,
        "uncertainty_m": 2.5,
        "scale": 5000,
        "features": (
            FeatureHit(
                row=0, key="4308020001", name="杨家坪基本农田", class_code="0101",
                class_title=Text(zh="水田", en="Paddy field"), overlap_m2=1234.567,
            ),
        ),
        "feature_count": 1,
        "exceptions": (
            Text(zh="国家能源、交通、水利、军事设施等重点建设项目确实难以避让的",
                 en="National key projects that cannot avoid it"),
        ),
        "advice": Text(zh="调整选址，避让永久基本农田。", en="Choose another site."),
        "office": Text(zh="市自然资源和规划局耕地保护科", en="Natural resources bureau"),
        "basis": (LAW,),
        "confidence": "high",
        "snapshot": "2026-01-01-0123456789ab",
    }  # fmt: skip
    return Finding(**(given | facts))


def findings() -> tuple[Finding, ...]:
    """One finding of each kind."""
    plain: dict[str, Any] = {"features": (), "feature_count": 0, "exceptions": (), "bears": False}
    return (
        finding(),
        finding(
            layer="urban_boundary", layer_title=Text(zh="城镇开发边界", en="Urban boundary"),
            rule="outside_urban", effect="restrict", relation="clear", bears=True,
            title=Text(zh="城镇开发边界外限制集中建设", en="Limits outside of the urban boundary"),
            overlap_m2=7059.68, share=1.0, distance_m=183.456, features=(), feature_count=0,
            exceptions=(), confidence="medium",
        ),
        finding(
            layer="ecological_redline", layer_title=Text(zh="生态保护红线", en="Ecological redline"),
            rule="redline", relation="no_data", coverage="no_data", reason="not_declared",
            title=Text(zh="生态保护红线内限制人为活动", en="Limits inside of the redline"),
            overlap_m2=None, share=None, distance_m=None, edge_m=None, snapshot="", **plain,
        ),
        finding(
            layer="scenic_area", layer_title=Text(zh="风景名胜区", en="Scenic area"),
            rule="scenic", relation="adjacent", uncertain=True, effect="restrict",
            title=Text(zh="风景名胜区内建设须经审核", en="Building in a scenic area needs review"),
            overlap_m2=0.0, share=0.0, distance_m=1.87, local=True, **plain,
        ),
        finding(
            layer="traditional_village", effect="restrict", boundary_difference=True,
            layer_title=Text(zh="传统村落保护范围", en="Traditional village"), rule="village",
            title=Text(zh="传统村落保护范围内建设须经审核", en="Building there needs review"),
            overlap_m2=0.41, share=0.00005807, sliver_m2=0.41, **plain,
        ),
        finding(
            layer="nature_reserve", layer_title=Text(zh="自然保护区", en="Nature reserve"),
            rule="reserve", relation="clear", overlap_m2=0.0, share=0.0, distance_m=None,
            title=Text(zh="自然保护区核心区禁止建设", en="No building in the core zone"), **plain,
        ),
    )  # fmt: skip


def parcel(plane: shapely.Geometry = EXAMPLE, **facts: Any) -> ParcelResult:
    """A parcel with one finding of each kind."""
    shape = to_degrees(plane)
    group = Text(zh="农用地", en="Agricultural land")
    given: dict[str, Any] = {
        "id": "430802-0001",
        "name": "示例地块一",
        "row": 1,
        "geometry": shape,
        "crs": "EPSG:4525",
        "area_m2": 7059.68,
        "planar_m2": 7060.125,
        "declared_m2": 7060.0,
        "verdict": "prohibited",
        "findings": findings(),
        "composition": Composition(
            coverage="complete",
            groups=(ClassShare(code="farm", title=group, group="", area_m2=7059.68, share=1.0),),
            classes=(
                ClassShare(
                    code="0101", title=Text(zh="水田", en="Paddy field"), group="farm",
                    area_m2=5059.68, share=0.7167,
                ),
                ClassShare(
                    code="0301", title=Text(zh="乔木林地", en="Forest"), group="farm",
                    area_m2=2000.0, share=0.2833,
                ),
            ),
            cultivated_m2=5059.68,
            unknown_m2=0.0,
            snapshot="2026-01-01-abcdefabcdef",
        ),
        "units": (
            UnitShare(level="district", code="439901", name="东区", area_m2=7059.68, share=1.0),
            UnitShare(
                level="township", code="439901001", name="东一镇", area_m2=7059.68, share=1.0
            ),
        ),
        "notes": (Note(code="several_parts", facts={"parts": 2}),),
        "remedy": Remedy(
            rest=to_degrees(shapely.box(449397, 3223772, 449420, 3223848)),
            rest_m2=5825.113,
            rest_share=0.8251,
            rest_verdict="restricted",
            shift=Shift(
                geometry=to_degrees(shapely.affinity.translate(plane, -21.5, 8.25)),
                east_m=-21.5, north_m=8.25, distance_m=23.03, area_m2=7059.71, verdict="restricted",
            ),
            searched_m=200.0,
        ),
    }  # fmt: skip
    return ParcelResult(**(given | facts))


def result(*parcels: ParcelResult, **facts: Any) -> CheckResult:
    """An answer with these parcels, or with one."""
    given: dict[str, Any] = {
        "serial": "ZJ-2026-000123-7",
        "made_at": WHEN,
        "on": date(2026, 3, 2),
        "purpose": "building",
        "purpose_title": Text(zh="建设用房", en="Building"),
        "snapshots": {"permanent_farmland": "2026-01-01-0123456789ab"},
        "rules_digest": "0123456789abcdef0123456789abcdef",
        "tolerances": {"overlap_m2": 1.0, "overlap_share": 0.001, "width_m": 0.1},
        "sample": True,
        "parcels": parcels or (parcel(),),
    }
    return CheckResult(**(given | facts))
