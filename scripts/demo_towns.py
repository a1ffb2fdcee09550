"""Invented towns for the demo data: their schools, and how large each answer is about.

Only magnitudes stand here. That a part is not larger than its whole, that parts add up, which
school is asked what: all that `demo_answers.py` takes from the catalogue itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from demo_rules import Few, Given, Grades, Portion, School, Sum, Texts, Total, Town, Yes


def _schools(parallels: Mapping[int, int], nine_year: set[int]) -> dict[int, School]:
    return {
        number: School(
            f"school-{number:02}",
            f"{'Основная школа' if number in nine_year else 'Школа'} № {number} (демо)",
            parallel,
            last=9 if number in nine_year else 11,
            ovz=0.03 + 0.01 * (number % 5),
        )
        for number, parallel in parallels.items()
    }


_NORTH = _schools(
    {1: 140, 2: 160, 3: 120, 4: 95, 5: 110, 6: 130, 7: 88, 8: 75, 9: 105, 10: 125}
    | {11: 115, 12: 150, 13: 60, 14: 52, 15: 40, 16: 28, 17: 100},
    nine_year={13, 14, 15, 16},
)

_ALL, _SENIOR, _MIDDLE = Grades(1, 11), Grades(8, 11), Grades(5, 11)

# What a school writes beside its numbers on the plan.
_NAMES = {
    **dict.fromkeys(
        ("agreement_partners", "session_guests", "career_school_hosts"),
        Texts(
            ("Колледж № 1 (демо)", "Университет (демо)", "Завод (демо)", "Центр занятости (демо)")
        ),
    ),
    **dict.fromkeys(
        (
            *("partner_event_names", "teacher_event_names", "course_names"),
            *("profession_contest_names", "guidance_8_11_names", "tested_8_11_names"),
            *("enterprise_hour_names", "applicant_hour_names", "lift_names", "trials_names"),
            *("children_technopark_names", "school_technopark_names", "excursion_names"),
        ),
        Texts(("Мероприятие А (демо)", "Мероприятие Б (демо)", "Мероприятие В (демо)")),
    ),
    "olympiad_results": Texts(("Технология, призёр (демо)", "Физика, участник (демо)")),
}

BEREZNIKI = Town(
    catalogue="berezniki",
    base=2022,
    history=2021,
    planned=2024,
    excel=True,
    schools=(
        *_NORTH.values(),
        School("school-18", "Лицей № 18 (демо)", 135, first=5, ovz=0.02, opened=2023),
    ),
    places={"municipality": "berezniki", "region": "region-demo"},
    rules={
        # Pupils
        "students_total": _ALL,
        "students_ovz": Grades(1, 11, ovz=True),
        "students_5_11": _MIDDLE,
        "students_5_9": Grades(5, 9),
        "students_8_9": Grades(8, 9),
        "students_10_11": Grades(10, 11),
        # With the thousands parted as people part them.
        "region_students_5_11": Given(
            {2021: "160\u00a0900", 2022: "162\u00a0400", 2023: "164\u00a0100", 2024: "165\u00a0300"}
        ),
        "extra_education": Portion(("students_total",), 0.74, 0.01),
        # 3.3, 3.4
        "scholarship_students": Total(248, 14),
        "enrolled_spo_vo": Portion(
            ("graduates_9_spo", "graduates_11_spo", "graduates_11_vo"), 0.985, spread=0.5
        ),
        "targeted_enrolled": Portion(("enrolled_spo_vo",), 0.012, 0.004),
        "students_stipend_225": Given(
            {2021: "44", 2022: "52", 2023: "57", 2024: "71"}, plan={2024: "70"}
        ),
        "academy_programmes_5_11": Portion(("students_5_11",), 0.012, 0.009),
        "academy_sirius_5_11": Portion(("students_5_11",), 0.011, 0.008),
        "ovz_talent_covered": Portion(("students_ovz",), 0.006, 0.004),
        # 4.1–4.10
        "guidance_6_7": Portion((Grades(6, 7),), 0.95, 0.015),
        "vpr_participants": Portion((Grades(4, 4),), 0.93),
        "vpr_coped": Portion(("vpr_participants",), 0.58, 0.025),
        "diagnosed_8_9": Portion(("students_8_9",), 0.79, 0.03),
        "early_guidance_5_9": Portion(("students_5_9",), 0.71, 0.02),
        "graduates_9": Grades(9, 9, lag=1),
        "graduates_9_spo": Portion(("graduates_9",), 0.485, 0.01),
        "graduates_9_spo.ovz": Portion(("graduates_9.ovz",), 0.81, 0.005),
        "graduates_11": Grades(11, 11, lag=1),
        "graduates_11_spo": Portion(("graduates_11",), 0.195, 0.008),
        "graduates_11_spo.ovz": Portion(("graduates_11.ovz",), 0.75),
        "graduates_11_spo_profile": Portion(("graduates_11_spo",), 0.66, 0.02),
        "graduates_11_vo": Portion(("graduates_11",), 0.76, 0.005, less=("graduates_11_spo",)),
        "graduates_11_vo_profile": Portion(("graduates_11_vo",), 0.84, 0.01),
        "advanced_11": Portion(("graduates_11",), 0.42, 0.02),
        "advanced_11_exam": Portion(("advanced_11",), 0.57, 0.025),
        "open_university_10_11": Total(44, 9, growth=0.04),
        "has_agreement": Yes({2021: 9, 2022: 10, 2023: 11, 2024: 11}),
        "partner_events_10_11": Portion(("students_10_11",), 0.46, 0.04),
        # 7.1
        "talent_covered": Portion(("extra_education",), 0.075, 0.004),
        "early_guidance_5_11": Sum(
            ("early_guidance_5_9", Portion(("students_10_11",), 0.55, 0.03)),
        ),
        "science_programmes": Portion(("students_total",), 0.06, 0.005),
        # The plan, of the department
        "engineering_classes_opened": Given({2022: "3", 2023: "4"}),
        "copp_agreement": Given({2022: "нет", 2023: "да"}),
        "city_events": Given({2022: "4", 2023: "6"}),
        "banner_on_department_site": Given({2022: "да", 2023: "да"}),
        "profile_classes_working": Given({2022: "7", 2023: "9"}),
        "teacher_events_held": Given({2022: "2"}),
        "it_cube_students": Given({2022: "655", 2023: "712"}),
        "worker_profession_students": Given({2022: "24", 2023: "27"}),
        "open_university": Given({2022: "41", 2023: "48"}),
        "minimum_schools": Given({2022: "16", 2023: "18"}),
        "students_6_11": Given({2022: "8905", 2023: "9214"}),
        "minimum_students": Given({2022: "8512", 2023: "9008"}),
        # The plan, of the schools
        "agreements": Few(2, 6, where="has_agreement"),
        "partner_event_students": Total(1120),
        "banner_on_school_site": Yes({2022: 13, 2023: 17}),
        "site_posts": Few(6, 40),
        "teachers_at_events": Total(30, 15),
        "teachers_trained": Total(8, 8, who="trained"),
        "parent_sessions": Few(1, 4),
        "parents_informed": Total(2080),
        "consultations_held": Total(46, 11, who="consultations"),
        "parents_consulted": Total(36, 11, who="consultations"),
        "olympiad_students": Total(23, 6),
        "contest_students": Total(47, 14, who="contest"),
        "contest_works": Total(39, 14, who="contest"),
        "career_day_students": Total(230, 17),
        "quest_students": Total(104, 11, who="quest"),
        "quest_teams": Total(19, 11, who="quest"),
        "career_school_students": Total(35, 4),
        "profession_contest_students": Total(55, 15),
        "guidance_8_11_students": Portion((_SENIOR,), 0.97, 0.01),
        "tested_8_11": Total(1690, 17),
        "proektoria_students": Portion((_MIDDLE,), 0.7, 0.02),
        "ticket_students": Total(930, 11, who="ticket"),
        "ticket_teachers": Total(61, 11, who="ticket"),
        "enterprise_hour_students": Total(1090, 11),
        "applicant_hour_students": Total(705, 10),
        "children_technopark_students": Total(410, 13),
        "school_technopark_students": Total(366, 6),
        "lift_students": Total(352, 7),
        "mobile_technopark_students": Total(240, 8),
        "trials_students": Total(335, 12),
        "excursion_students": Total(900, 16),
        **_NAMES,
    },
    gaps={
        ("school-04", 2022): ("vpr_participants", "vpr_coped"),
        ("school-07", 2023): ("diagnosed_8_9", "agreements", "has_agreement"),
        ("school-09", 2023): ("graduates_11_spo", "graduates_11_spo.ovz"),
        ("school-14", 2023): ("career_day_students", "proektoria_students"),
        ("school-11", 2024): (),
    },
    shares={
        # A jump that the catalogue's check should notice.
        ("school-05", 2021, "diagnosed_8_9"): 0.29,
        ("school-05", 2022, "diagnosed_8_9"): 0.31,
        # Nobody studied in depth: the share over them has a zero denominator.
        ("school-08", 2022, "advanced_11"): 0.0,
        ("school-08", 2023, "advanced_11"): 0.0,
    },
    no_plan=("school-16",),
)

_SOUTH = _schools({1: 110, 2: 130, 3: 95, 4: 88, 5: 75, 6: 60, 7: 45, 8: 30}, nine_year={7, 8})

MICHURINSK = Town(
    catalogue="michurinsk",
    base=2021,
    history=2020,
    planned=2023,
    schools=(
        *_SOUTH.values(),
        School("school-09", "Основная школа № 9 (демо)", 20, last=9, ovz=0.0),
        School("school-10", "Основная школа № 10 (демо)", 12, last=9, closed=2023),
    ),
    places={"municipality": "michurinsk"},
    rules={
        # Criterion 1
        "upbringing_direction": Yes({2020: 6, 2021: 8, 2022: 9, 2023: 9}),
        "guidance_programme": Yes({2020: 5, 2021: 6, 2022: 8, 2023: 9}),
        "guidance_page": Yes({2020: 4, 2021: 6, 2022: 7, 2023: 8}),
        "training_site": Yes({2020: 1, 2022: 2}),
        "students_4": Grades(4, 4),
        "vpr_full": Portion(("students_4",), 0.55, 0.015),
        "vpr_partial": Portion(("students_4",), 0.7, less=("vpr_full",)),
        "students_1_11": _ALL,
        "events_1_11.noo": Few(2, 7),
        "events_1_11.ooo": Few(4, 14),
        "events_1_11.soo": Few(3, 9),
        "covered_1_11.noo": Portion((Grades(1, 4),), 0.52, 0.04),
        "covered_1_11.ooo": Portion((Grades(5, 9),), 0.68, 0.03),
        "covered_1_11.soo": Portion((Grades(10, 11),), 0.86, 0.02),
        "students_6_11": Grades(6, 11),
        "ticket_6_11": Portion(("students_6_11",), 0.22, 0.06),
        # Criterion 2
        "students_8_9": Grades(8, 9),
        "diagnosed_8_9": Portion(("students_8_9",), 0.72, 0.03),
        "students_10_11": Grades(10, 11),
        "diagnosed_10_11": Portion(("students_10_11",), 0.8, 0.02),
        "profile_10_11": Portion(("students_10_11",), 0.74, 0.03),
        "individual_plans_10_11": Portion(("students_10_11",), 0.18, 0.02, spread=0.8),
        # Criterion 3
        "students_5_11": _MIDDLE,
        "open_lessons_5_11": Portion(("students_5_11",), 0.61, 0.05),
        "students_8_11": _SENIOR,
        "route_8_11": Portion(("students_8_11",), 0.24, 0.03, spread=0.5),
        "support_8_11": Portion(("students_8_11",), 0.57, -0.02),
        "students_9": Grades(9, 9),
        "trials_9": Portion(("students_9",), 0.78, 0.03),
        "extra_education_1_11": Portion(("students_1_11",), 0.16, 0.02),
        "technology_module": Yes({2020: 7, 2021: 8, 2022: 9}),
        "contest_1_11": Portion(("students_1_11",), 0.09, 0.015, spread=0.5),
        "abilympics": Total(5, 3, growth=0.2),
        "worldskills": Total(7, 3),
        "technopark_visitors": Total(510, 8, growth=0.15),
        "olympiad_winners": Total(6, 4, growth=0.1),
        "students_ovz": Grades(1, 11, ovz=True),
        "ovz_guidance": Portion(("students_ovz",), 0.4, 0.04),
        # Criterion 4
        "graduates_9": Portion(("students_9",), 0.985),
        "graduates_9_spo": Portion(("graduates_9",), 0.5, 0.015),
        "graduates_11": Grades(11, 11),
        "ege_profile_11": Portion(("graduates_11",), 0.62, 0.03),
        "admitted_profile_11": Portion(("graduates_11",), 0.57, 0.02),
        "admitted_region_11": Portion(("graduates_11",), 0.46, -0.01),
        "target_contract_11": Portion(("graduates_11",), 0.04, 0.01),
        # Criterion 5
        "spo_agreements": Yes({2020: 5, 2021: 7, 2022: 8}),
        "spo_agreements.partners": Texts(
            ("Колледж № 1 (демо)", "Колледж № 2 (демо)", "Техникум (демо)")
        ),
        "vpo_agreements": Yes({2020: 2, 2021: 3, 2022: 4, 2023: 5}),
        "vpo_agreements.partners": Texts(("Университет (демо)", "Институт (демо)")),
        "extra_education_agreements": Yes({2020: 4, 2021: 5, 2023: 6}),
        "extra_education_agreements.partners": Texts(("Дом творчества (демо)", "Технопарк (демо)")),
        "enterprise_agreements": Yes({2020: 3, 2021: 4, 2022: 5}),
        "enterprise_agreements.partners": Texts(("Завод (демо)", "Агрофирма (демо)")),
        "excursion_companies": Texts(
            ("Завод (демо)", "Агрофирма (демо)", "Типография (демо)", "Пекарня (демо)")
        ),
        "excursion_students": Portion(("students_1_11",), 0.12, 0.03, spread=0.4),
    },
    gaps={
        ("school-03", 2021): ("diagnosed_8_9", "diagnosed_8_9.ovz"),
        ("school-02", 2022): ("ticket_6_11", "ticket_6_11.ovz", "excursion_companies"),
        ("school-06", 2022): ("profile_10_11", "individual_plans_10_11"),
        ("school-08", 2022): ("guidance_page", "guidance_page.link"),
        ("school-05", 2023): (),
    },
    shares={
        ("school-04", 2022, "covered_1_11.noo"): 0.97,
        ("school-04", 2022, "covered_1_11.ooo"): 0.96,
        ("school-04", 2021, "covered_1_11.noo"): 0.33,
        ("school-04", 2021, "covered_1_11.ooo"): 0.41,
    },
    crossed={"worldskills": (2022, 2023)},
)

DUBENKI = Town(
    catalogue="dubenki",
    base=2023,
    history=2022,
    planned=None,
    schools=tuple(
        School(f"school-{number}", f"Школа № {number} (демо)", parallel)
        for number, parallel in {1: 24, 2: 19, 3: 13, 4: 11, 5: 8, 6: 5, 7: 4, 8: 2}.items()
    ),
    places={"municipality": "dubenki"},
    rules={
        "pupils": _ALL,
        "innovation": Yes({2022: 2, 2023: 3, 2024: 4}),
        "teachers": Portion(("pupils",), 0.13, spread=0.2),
        "teachers_trained": Portion(("teachers",), 0.14, spread=0.8),
        "municipal": Few(0, 4),
        "regional": Total(3, 2, growth=0.4),
        "federal": Total(1, 1),
        "extra": Yes({2022: 6, 2024: 7}),
        "complaints": Yes({2022: 2, 2024: 1}),
        "ict": Yes({2022: 7, 2023: 8}),
        "short_groups": Yes({2022: 3}),
    },
    gaps={("school-6", 2024): ("short_groups",), ("school-3", 2023): ("teachers_trained",)},
    shares={},
)

EFFICIENCY = Town(
    catalogue="efficiency",
    base=2023,
    history=2022,
    planned=None,
    schools=tuple(
        School(f"municipality-{number}", f"Муниципалитет № {number} (демо)", parallel)
        for number, parallel in (
            {1: 2700, 2: 1900, 3: 1550, 4: 1200, 5: 990, 6: 780, 7: 630, 8: 450}.items()
        )
    ),
    places={"region": "region"},
    titles={"region": "Регион (демо)"},
    rules={
        "children": Grades(1, 11),
        "extra_children": Portion(("children",), 0.74, 0.015),
        "graduates": Grades(11, 11),
        "no_certificate": Portion(("graduates",), 0.045, -0.003, spread=0.3),
        "pupils": Portion(("children",), 0.88, spread=0.02),
        "second_shift": Portion(("pupils",), 0.12, -0.01, spread=0.6),
        "satisfaction": Few(58, 84),
    },
    gaps={("municipality-7", 2024): ("satisfaction",)},
    shares={},
)

ABSENCE = Town(
    catalogue="absence",
    base=2022,
    history=2022,
    planned=None,
    schools=tuple(
        School(f"district-{number:02}", f"District {number} (demo)", parallel)
        for number, parallel in (
            {1: 900, 2: 610, 3: 450, 4: 380, 5: 240, 6: 180, 7: 120, 8: 75, 9: 40, 10: 2}.items()
        )
    ),
    places={"state": "state"},
    titles={"state": "State (demo)"},
    rules={"eligible": Grades(1, 11), "absent": Portion(("eligible",), 0.2, -0.03, spread=0.3)},
    gaps={("district-08", 2023): ("absent",)},
    # A district for each kind of colour.
    shares={
        ("district-01", 2022, "absent"): 0.262,
        ("district-01", 2023, "absent"): 0.221,
        ("district-02", 2022, "absent"): 0.121,
        ("district-02", 2023, "absent"): 0.083,
        ("district-03", 2022, "absent"): 0.151,
        ("district-03", 2023, "absent"): 0.153,
        ("district-04", 2022, "absent"): 0.214,
        ("district-04", 2023, "absent"): 0.237,
        ("district-05", 2022, "absent"): 0.047,
        ("district-05", 2023, "absent"): 0.022,
    },
)

TOWNS = (BEREZNIKI, MICHURINSK, DUBENKI, EFFICIENCY, ABSENCE)
