"""Positions of sensitive sites made coarse: on a grid, with names and evidence that betray no more than that.

The rule: latitude is rounded to a multiple of KM (as degrees along a meridian), then longitude to a multiple
of an even part of that parallel, the longest of at most KM. The same place always gives the same point, so
that many photographs of a site do not give it away, and the radius grows by KM.
"""

from __future__ import annotations

import math
from dataclasses import replace

from geotag.review import reviewed
from geotag.texts import told
from geotag.types import Location, Record

_COUNTRY_KM = {
    text[:2]: int(text[2:])
    for text in (
        "AD12 AE162 AF454 AG12 AI6 AL96 AM97 AO630 AQ2111 AR938 AS8 AT163 AU1564 AW8 AX22 AZ166 BA128 "
        "BB12 BD214 BE99 BF295 BG188 BH15 BI94 BJ189 BL3 BM4 BN43 BO591 BQ10 BR1646 BS67 BT122 BV4 "
        "BW437 BY257 BZ86 CA1783 CC2 CD864 CF445 CG330 CH115 CI320 CK9 CL491 CM389 CN1748 CO602 CR128 "
        "CU188 CV36 CW12 CX7 CY54 CZ158 DE337 DJ86 DK117 DM15 DO125 DZ871 EC300 EE120 EG565 EH291 ER197 "
        "ES401 ET599 FI328 FJ76 FK62 FM15 FO21 FR417 GA292 GB279 GD10 GE149 GF170 GG5 GH276 GI1 GL830 "
        "GM60 GN280 GP24 GQ94 GR205 GS35 GT186 GU13 GW107 GY262 HK19 HM11 HN189 HR134 HT94 HU172 ID782 "
        "IE150 IL81 IM13 IN1023 IO4 IQ373 IR724 IS181 IT310 JE6 JM59 JO171 JP347 KE431 KG251 KH240 KI16 "
        "KM26 KN9 KP196 KR177 KW75 KY9 KZ930 LA275 LB58 LC14 LI7 LK145 LR188 LS98 LT144 LU29 LV143 "
        "LY748 MA377 MC1 MD104 ME67 MF4 MG432 MH8 MK90 ML628 MM465 MN706 MO9 MP12 MQ19 MR573 MS6 MT10 "
        "MU25 MV10 MW194 MX792 MY324 MZ505 NA513 NC78 NE635 NF3 NG542 NI203 NL115 NO321 NP212 NR3 NU9 "
        "NZ292 OM260 PA158 PE640 PF36 PG384 PH309 PK506 PL315 PM9 PN4 PR54 PS44 PT171 PW12 PY360 QA60 "
        "RE28 RO275 RS168 RU2333 RW92 SA790 SB95 SC12 SD770 SE378 SG15 SH11 SI80 SJ141 SK125 SL151 SM4 "
        "SN250 SO451 SR228 SS453 ST18 SV82 SX3 SY243 SZ74 TC12 TD639 TF50 TG134 TH404 TJ213 TK2 TL69 "
        "TM394 TN228 TO15 TR498 TT40 TV3 TW107 TZ548 UA438 UG274 UM1 US1751 UY237 UZ377 VA1 VC11 VE539 "
        "VG7 VI11 VN324 VU62 WF9 WS31 XK59 YE410 YT11 ZA623 ZM489 ZW353"
    ).split()
}
"""The radius in km of a disc as large as each country (ISO 3166-1), from GeoNames' areas (CC BY 4.0)."""


def leaving(record: Record, km: float) -> Record:
    """A record as it leaves the tool: with who answered, as the person who reviewed it has it, and coarse by
    `km`.
    """
    return coarsened(reviewed(told(record)), km)


def coarsened(record: Record, km: float) -> Record:
    """A record as it may leave the tool when positions are to be coarse by `km`; unchanged for 0.

    Names go where what bears them is smaller than `km`, the evidence keeps its kinds only, and what lies
    beneath the answer (the file's own position, predictions, words) is left out.
    """
    if not km or record.location is None:
        return record
    error_km = (record.error_km or 0.0) + km
    kinds = dict.fromkeys(hint.kind for hint in record.hints)
    named = record.error_km is not None and record.error_km >= km
    return replace(
        record,
        camera=None,
        prediction=None,
        review=record.review and replace(record.review, location=None, error_km=None),
        words=None,
        neighbours=None,
        location=snapped(record.location, km),
        error_km=error_km,
        place=record.place if named else "",
        country=record.country if _COUNTRY_KM.get(record.country, 0) >= km else "",
        evidence="; ".join([*kinds, f"made coarse by {km:g} km"]),
        hints=(),
    )


def snapped(location: Location, km: float) -> Location:
    """The point of the grid of `km` that is nearest along the meridian, then along the parallel."""
    from geotag import geo

    step = km / geo.KM_PER_DEGREE
    lat = max(-90.0, min(90.0, round(location.lat / step) * step))
    parts = max(1, math.ceil(360 * math.cos(math.radians(lat)) / step))
    lon = round(location.lon * parts / 360) * 360 / parts
    return Location(round(lat, 6), round((lon + 180) % 360 - 180, 6))
