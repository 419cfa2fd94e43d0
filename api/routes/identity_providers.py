"""The tenant's identity providers over HTTP: by whom staff can sign in, and on what conditions."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from api.oauth.federation import CALLBACK
from api.operations import Call, Method, Operation, PathParameter, Reply
from api.routes.administration import ADMINISTRATORS, administration_of
from core.accounts.providers import (
    NewProvider,
    Provider,
    ProviderChange,
    change_provider,
    find_provider,
    list_providers,
    register_provider,
)
from core.cases.bodies import Instant
from core.errors import Conflict, Invalid, NotFound, Stale
from core.law.instrument import Text
from core.tenants.scopes import Scope

TAG = "identity-providers"
_KEY = PathParameter(Text(zh="身份提供方", en="The provider's key"), r"^[a-z][a-z0-9-]{0,39}$(?!\n)", "city")
_WRONG = ("federation.issuer-malformed", "federation.openid-missing")
_PRIVATE = (
    "Only public addresses are reached, and those on networks that the operator has named (`WENZE_PROVIDER_NETWORKS`)."
)


class IdentityProviderView(Struct, frozen=True, kw_only=True):
    """An identity provider (身份提供方) by which staff sign in. Its secret is never told."""

    key: str
    name_zh: Annotated[str, Meta(title="名称")]
    name_en: Annotated[str, Meta(title="英文名称")]
    issuer: Annotated[str, Meta(title="签发者")]
    client_id: Annotated[str, Meta(title="客户端标识", description="As it knows us")]
    has_secret: Annotated[bool, Meta(title="已设密钥")]
    redirect_uri: Annotated[str, Meta(title="回调地址", description="To be registered there, character by character")]
    scopes: Annotated[tuple[str, ...], Meta(title="权限范围")]
    satisfies_second_factor: Annotated[bool, Meta(title="视为已完成双重验证")]
    link_by: Annotated[str | None, Meta(title="关联依据", description="The claim that equals a login; null: by hand alone")]
    enabled: Annotated[bool, Meta(title="启用")]
    created_at: Annotated[Instant, Meta(title="登记时间")]
    version: Annotated[int, Meta(title="版本", description="Counts the changes; the entity tag")]


class IdentityProviderList(Struct, frozen=True):
    """The tenant's identity providers, by key."""

    items: tuple[IdentityProviderView, ...]


async def _list(call: Call) -> Reply:
    found = await list_providers(call.session)
    return Reply(IdentityProviderList(tuple(_view(call, item) for item in found)))


async def _register(call: Call) -> Reply:
    made = await register_provider(administration_of(call), call.body)
    return Reply(_view(call, made), etag=made.version, location=f"/identity-providers/{made.key}")


async def _read(call: Call) -> Reply:
    found = await find_provider(call.session, call.path["provider"])
    return Reply(_view(call, found), etag=found.version)


async def _change(call: Call) -> Reply:
    after = await change_provider(administration_of(call), call.path["provider"], call.body, call.expected or 0)
    return Reply(_view(call, after), etag=after.version)


def _view(call: Call, found: Provider) -> IdentityProviderView:
    plain = ("key", "issuer", "client_id", "scopes", "satisfies_second_factor", "link_by", "created_at", "version")
    issuer = call.services.issuer(call.snapshot.tenant)
    return IdentityProviderView(
        **{name: getattr(found, name) for name in plain},
        name_zh=found.name.zh,
        name_en=found.name.en,
        has_secret=found.secret_sealed is not None,
        redirect_uri=issuer + CALLBACK.format(key=found.key),
        enabled=found.disabled_at is None,
    )


_TOLD = {
    "name_zh": "市统一身份认证",
    "name_en": "City sign-in",
    "issuer": "https://login.example.gov.cn",
    "client_id": "wenze",
    "client_secret": "a-secret-that-the-provider-gave",
    "link_by": "preferred_username",
}

OPERATIONS = (
    Operation(
        id="listIdentityProviders",
        method=Method.GET,
        path="/identity-providers",
        tag=TAG,
        title=Text(zh="身份提供方列表", en="List identity providers"),
        description=Text(
            zh="本租户工作人员可以用来登录的外部身份提供方（OpenID Connect）。",
            en="By whom staff of the tenant can sign in, beside their passwords (OpenID Connect).",
        ),
        handler=_list,
        scope=Scope.ACCOUNTS_READ,
        roles=ADMINISTRATORS,
        reply=IdentityProviderList,
    ),
    Operation(
        id="registerIdentityProvider",
        method=Method.POST,
        path="/identity-providers",
        tag=TAG,
        title=Text(zh="登记身份提供方", en="Register an identity provider"),
        description=Text(
            zh="登记本市统一身份认证等外部身份提供方。不会因登录自动建立账户：账户由管理员建立，由本人在登录后关联，"
            "或按 link_by 所指的声明与登录名一致时自动关联。返回的 redirect_uri 须在对方登记。",
            en="A provider of the city's own. Nobody gets an account by coming from there: administrators register "
            "accounts, and each is linked by its owner while signed in or, where `link_by` is set, by the claim that equals "
            "its login. The `redirect_uri` of the answer is to be registered there. " + _PRIVATE,
        ),
        handler=_register,
        scope=Scope.ACCOUNTS_WRITE,
        roles=ADMINISTRATORS,
        body=NewProvider,
        reply=IdentityProviderView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        errors={Invalid: _WRONG, Conflict: ("federation.key-taken",)},
        examples=lambda _: {"city": {"key": "city", **_TOLD}},
    ),
    Operation(
        id="readIdentityProvider",
        method=Method.GET,
        path="/identity-providers/{provider}",
        tag=TAG,
        title=Text(zh="查看身份提供方", en="Read an identity provider"),
        description=Text(zh="查看一个身份提供方的设置，不含密钥。", en="Its settings as they stand, without the secret."),
        handler=_read,
        scope=Scope.ACCOUNTS_READ,
        roles=ADMINISTRATORS,
        reply=IdentityProviderView,
        etag=True,
        path_parameters={"provider": _KEY},
        errors={NotFound: ("federation.provider-unknown",)},
    ),
    Operation(
        id="changeIdentityProvider",
        method=Method.PUT,
        path="/identity-providers/{provider}",
        tag=TAG,
        title=Text(zh="变更身份提供方", en="Change an identity provider"),
        description=Text(
            zh="变更、停用或启用。签发者变更的，已有关联全部解除；签发者或客户端标识变更的，须重新填写密钥。停用后不能由此登录。",
            en="All that can change of it; a disabled one signs nobody in. With another issuer every link ends, because its "
            "subjects are other people; with another issuer or client the secret is told anew. " + _PRIVATE,
        ),
        handler=_change,
        scope=Scope.ACCOUNTS_WRITE,
        roles=ADMINISTRATORS,
        body=ProviderChange,
        reply=IdentityProviderView,
        if_match=True,
        etag=True,
        path_parameters={"provider": _KEY},
        errors={Invalid: _WRONG, NotFound: ("federation.provider-unknown",), Stale: ("federation.stale",)},
        examples=lambda _: {"disabled": {**_TOLD, "enabled": False}},
    ),
)
