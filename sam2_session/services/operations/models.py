"""Operations on models: list and select."""

from __future__ import annotations

from sam2_session.core.errors import ModelNotFound, ModelUnavailable
from sam2_session.services.fields.fields import Fields, Nothing, Text
from sam2_session.services.operations.operation import Access, Operation, Route
from sam2_session.services.operations.work_answers import Model, Models


class OfModel(Fields, frozen=True, kw_only=True):
    """Names a model, a row of configs/models.yaml."""

    name: Text


LIST_MODELS = Operation(
    name="list_models",
    text="The models that can be selected",
    access=Access.VIEW,
    fields=Nothing,
    answer=Models,
    route=Route(method="GET", path="/api/models"),
    do=lambda services, _: services.models.list(),
)

SELECT_MODEL = Operation(
    name="select_model",
    text="Use another model from now on",
    access=Access.EDIT,
    fields=OfModel,
    answer=Model,
    errors=(ModelNotFound, ModelUnavailable),
    route=Route(method="POST", path="/api/models/{name}/select"),
    do=lambda services, call: services.models.select(call.fields.name),
)
