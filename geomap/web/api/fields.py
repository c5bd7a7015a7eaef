"""Parameters of the API as fields: each parsed, bounded and documented by the same class.

A parameter that is unknown, repeated, empty or out of range is refused with its name, what
came and what is allowed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, cast

from apiflask import Schema
from marshmallow import RAISE, ValidationError, fields, post_load, pre_load, validate

from geomap.model.facility import TYPES
from geomap.web.api.formats import FORMATS
from geomap.web.problems import Fault, RefusedParametersError, contradiction
from geomap.web.query import LONGEST_TEXT, any_words, decimal, facility_types, one_language, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geomap.model.table import Label


class AtOddsError(ValueError):
    """Values of one parameter, each of them right, contradict each other."""


class _Reading:
    """A field that reads its text by a function of this module."""

    def __init__(
        self, read: Callable[[Any], object], *arguments: object, **options: object
    ) -> None:
        self.read = read
        super().__init__(*arguments, **options)

    def _deserialize(self, value: object, *about: object, **__: object) -> Any:  # noqa: ANN401 (what the function gives)
        """Read the text; a refusal becomes marshmallow's."""
        try:
            return self.read(value)
        except AtOddsError as error:
            raise contradiction(str(error), str(about[0])) from error
        except ValueError as error:
            raise ValidationError(str(error)) from error


class WholeField(_Reading, fields.Integer):
    """Documented as an integer."""


class DecimalField(_Reading, fields.Float):
    """Documented as a number."""


class TextField(_Reading, fields.String):
    """Documented as a string."""


class YesNoField(_Reading, fields.Boolean):
    """Documented as a boolean."""


class ListField(_Reading, fields.List[str]):
    """Documented as an array; each of its values may hold several, separated by commas.

    Parameters
    ----------
    read : reads the list of values.
    each : documents one value.
    description : says what they are.
    most : how often it may be given.
    """

    def __init__(
        self,
        read: Callable[[Any], object],
        each: fields.Field[Any],
        description: str,
        *,
        most: int,
        load_default: object = (),
    ) -> None:
        self.most = most
        told = {**described(description), "maxItems": most}
        super().__init__(read, each, load_default=load_default, metadata=told)

    def _deserialize(self, value: Any, *about: object, **rest: object) -> Any:  # noqa: ANN401 (what came, what the function gives)
        """Read the values, if they are not too many."""
        if len(value) > self.most:
            raise ValidationError(f"must be given at most {self.most} times, got {len(value)}")
        return super()._deserialize(value, *about, **rest)


def labelled(choices: Mapping[str, Label]) -> str:
    """Say what words mean, in both languages.

    Examples
    --------
    >>> from geomap.model.table import Label
    >>> labelled({"open": Label("营业中", "Open"), "closed": Label("已停办", "Closed")})
    'open (Open, 营业中), closed (Closed, 已停办)'
    """
    return ", ".join(f"{name} ({each.en}, {each.zh})" for name, each in choices.items())


def described(description: str) -> dict[str, str]:
    """Describe a parameter for OpenAPI."""
    return {"description": description}


def _clamped(text: str, *, most: int) -> int:
    """Read a whole number from 1 on, at most `most`."""
    return min(whole(text, minimum=1), most)


def limit_field(default: int, most: int) -> WholeField:
    """Make the number of rows to answer."""
    return WholeField(
        partial(_clamped, most=most),
        load_default=default,
        validate=validate.Range(min=1),
        metadata=described(f"Rows to answer; above {most:,} it is clamped"),
    )


def offset_field() -> WholeField:
    """Make the number of rows to skip."""
    return WholeField(
        partial(whole, minimum=0),
        load_default=0,
        validate=validate.Range(min=0),
        metadata=described("Rows to skip"),
    )


def types_field() -> ListField:
    """Make the types of facility."""
    kind = fields.String(validate=validate.OneOf(list(TYPES)))
    said = f"Facility types, repeated or separated by commas: {labelled(TYPES)}"
    return ListField(facility_types, kind, said, most=len(TYPES))


def words_field(description: str, **options: Any) -> TextField:  # noqa: ANN401 (marshmallow's own options)
    """Make a text to look for."""
    length = validate.Length(min=1, max=LONGEST_TEXT)
    return TextField(any_words, validate=length, metadata=described(description), **options)


def one_of(choices: tuple[str, ...], description: str, default: str | None = None) -> TextField:
    """Make a choice among words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, got {text[:40]!r}")
        return text

    return TextField(
        read, load_default=default, validate=validate.OneOf(choices),
        metadata=described(description),
    )  # fmt: skip


def number(least: float, most: float, description: str, default: float | None) -> DecimalField:
    """Make a bounded number."""
    return DecimalField(
        partial(decimal, minimum=least, maximum=most), load_default=default,
        validate=validate.Range(min=least, max=most), metadata=described(description),
    )  # fmt: skip


def form_field() -> TextField:
    """Make the form of the answer."""
    return one_of(tuple(FORMATS), "Form of the answer; else by Accept, else geojson")


class Query(Schema):
    """Query parameters that are refused, all at once, where they are not exactly as documented."""

    error_messages = {"unknown": "is not a parameter here"}  # noqa: RUF012 (marshmallow's own attribute)
    result: type

    class Meta:
        """Marshmallow's options."""

        unknown = RAISE

    lang = TextField(
        one_language,
        load_default=None,
        validate=validate.OneOf(["zh", "en"]),
        metadata=described("Language of labels; else by Accept-Language"),
    )

    @pre_load
    def refuse_repeats(self, data: Any, **_: object) -> Any:  # noqa: ANN401 (webargs' own view of the arguments)
        """Refuse a single parameter that came twice: which one counts is a guess."""
        repeated = {
            name: [f"must be given once, got {len(values)} values"]
            for name, values in data.data.lists()
            if len(values) > 1 and not isinstance(self.fields.get(name), fields.List)
        }
        if repeated:
            raise ValidationError(repeated)
        return data

    @post_load
    def freeze(self, data: Mapping[str, Any], **_: object) -> object:
        """Make the typed query."""
        return self.result(**{name: value for name, value in data.items() if name != "lang"})

    def handle_error(self, error: ValidationError, data: object, **_: object) -> NoReturn:  # noqa: ARG002 (marshmallow's signature)
        """Report every fault in the one shape of :mod:`geomap.web.problems`."""
        known = ", ".join(self.fields)
        faults: list[Fault] = []
        for name, messages in _messages(error).items():
            said = " ".join(str(each) for each in messages)
            if name not in self.fields:
                said = f"is not a parameter here; known are {known}"
            faults.append({"parameter": str(name), "detail": said})
        raise RefusedParametersError(faults)


class NoParameters(Query):
    """No parameters besides the language."""

    result = dict


def _messages(error: ValidationError) -> dict[str, Any]:
    """Give the messages by parameter."""
    return cast("dict[str, Any]", error.normalized_messages())  # type: ignore[no-untyped-call]  # marshmallow leaves it untyped
