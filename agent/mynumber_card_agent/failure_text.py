"""What a person is told when a run ends without success."""

from mynumber_card_agent.outcomes import AgentError
from mynumber_card_agent.texts import has_text, say, say_for
from mynumber_card_agent.transaction import Language


def describe_failure(error: AgentError, language: Language) -> str:
    """The outcome in words, what the provider's code asks of the person, the reference to read out, the detail."""
    sentences = [say_for(error.purpose, f"outcome_{error.outcome.value}", language)]
    if error.code and has_text(f"code_{error.code}"):
        sentences.append(say(f"code_{error.code}", language))
    if error.tries_left:
        sentences.append(f"{say_for(error.purpose, 'label_tries_left', language)}: {error.tries_left}")
    if error.reference:
        sentences.append(say("reference", language, reference=error.reference))
    technical = " ".join(part for part in (error.code, error.detail) if part)
    if technical:
        sentences.append(f"({technical})")
    return "\n".join(sentences)
