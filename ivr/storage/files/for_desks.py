"""What the menu file gives to agents: houses they may call, texts they may send."""

from __future__ import annotations

from ivr.core.desk_texts import STEPS
from ivr.storage.files import schema
from ivr.storage.files.problems import Problems
from ivr.storage.files.references import all_languages, known_name


def check(file: schema.MenuFile, problems: Problems) -> None:
    for name, house in file.destinations.items():
        all_languages(file, problems, ("destinations", name), house.name)
        known_name(problems, ("destinations", name, "topic"), house.topic, file.topics, "topic")
    for name, text in file.desk_texts.items():
        all_languages(file, problems, ("desk_texts", name), text.name)
        for place, topic in enumerate(text.topics):
            known_name(problems, ("desk_texts", name, "topics", str(place)), topic, file.topics, "topic")
    if STEPS in file.desk_texts:
        problems.refuse(("desk_texts", STEPS), f"'{STEPS}' is the name of the topic's own text: choose another")
