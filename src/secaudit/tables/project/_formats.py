"""Tokens that say by their form who made them: our own list, which works without any other engine.

Sources: the makers' published token formats; GitHub's list of secret scanning partners.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Iterator, NamedTuple

from secaudit.tables.project._hit import HIGH, MEDIUM, Hit
from secaudit.tables.project._linear import Pattern, compile_pattern

WINDOW_BYTES = 4096
"""No token is longer."""

MANY = 500
"""Beginnings of tokens in one file that are none. A file with more is made to cost time; then the window is small."""

SMALL_WINDOW_BYTES = 300


class Format(NamedTuple):
    """One maker's token."""

    rule_id: str
    begins: str
    """A short pattern of how it begins: looked for in the whole file, so it must be rare."""
    rest: str
    """A pattern of the whole token."""
    mask: str
    confidence: str = HIGH


_B62 = "[0-9A-Za-z]"
_WORD = "[0-9A-Za-z_-]"
FORMATS = (
    Format("aws-access-key-id", "AKIA|ASIA|ABIA|ACCA", r"A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}", "AKIA****"),
    Format("github-token", "gh[pousr]_", rf"gh[pousr]_{_B62}{{36,255}}", "gh*_****"),
    Format("github-fine-grained-token", "github_pat_", r"github_pat_[0-9A-Za-z_]{40,255}", "github_pat_****"),
    Format(
        "gitlab-token",
        "gl(?:pat|ptt|dt|rt|cbt|ft|ffct|imt|agent|soat|oas)-",
        rf"gl(?:pat|ptt|dt|rt|cbt|ft|ffct|imt|agent|soat|oas|ptt)-(?:{_WORD}|\.){{20,300}}",
        "glpat-****",
    ),
    Format("npm-token", r"npm_[0-9A-Za-z]{10}", rf"npm_{_B62}{{36}}", "npm_****"),
    Format("pypi-token", "pypi-AgE", rf"pypi-AgE{_WORD}{{50,}}", "pypi-****"),
    Format(
        "slack-token", "xox[abeoprs]|xapp-", r"x(?:ox[abeoprs](?:\.xox[bp])?|app)-[0-9A-Za-z-]{10,250}", "xox*-****"
    ),
    Format(
        "slack-webhook",
        r"hooks\.slack\.com",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z/_-]{20,100}",
        "hooks.slack.com/****",
    ),
    Format(
        "discord-webhook",
        r"discord(?:app)?\.com/api/web",
        rf"discord(?:app)?\.com/api/webhooks/[0-9]{{17,20}}/{_WORD}{{60,80}}",
        "discord.com/api/webhooks/****",
    ),
    Format(
        "teams-webhook",
        r"webhook\.office\.com",
        r"webhook\.office\.com/webhookb2/[0-9a-zA-Z@-]{30,100}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
        "webhook.office.com/****",
    ),
    Format(
        "stripe-key",
        "[rs]k_live_|whsec_",
        rf"(?:[rs]k_live_{_B62}{{16,250}}|whsec_[0-9A-Za-z+/=]{{32,80}})",
        "sk_live_****",
    ),
    Format("stripe-test-key", "[rs]k_test_", rf"[rs]k_test_{_B62}{{16,250}}", "sk_test_****", MEDIUM),
    Format("google-api-key", "AIza", rf"AIza{_WORD}{{35}}", "AIza****"),
    Format("google-oauth-secret", "GOCSPX-", rf"GOCSPX-{_WORD}{{28}}", "GOCSPX-****"),
    Format("google-oauth-token", r"ya29\.", rf"ya29\.{_WORD}{{30,400}}", "ya29.****"),
    Format("sendgrid-key", r"SG\.", rf"SG\.{_WORD}{{16,32}}\.{_WORD}{{32,64}}", "SG.****"),
    Format("twilio-key", "SK[0-9a-f]{8}", r"SK[0-9a-f]{32}", "SK****"),
    Format("mailchimp-key", "-us[0-9]", r"", "****-us*"),
    Format("mailgun-key", "key-[0-9a-f]{8}", r"key-[0-9a-f]{32}", "key-****"),
    Format(
        "openai-key",
        r"\bsk-[0-9A-Za-z_-]{20}",
        rf"sk-(?:proj-|svcacct-|admin-|None-)?(?:{_WORD}{{20,80}}T3BlbkFJ{_WORD}{{20,80}}|{_WORD}{{120,180}})",
        "sk-****",
    ),
    Format("anthropic-key", "sk-ant-", rf"sk-ant-(?:api|admin|oat)[0-9]{{2}}-{_WORD}{{80,120}}", "sk-ant-****"),
    Format("openrouter-key", "sk-or-v1-", r"sk-or-v1-[0-9a-f]{64}", "sk-or-****"),
    Format("groq-key", "gsk_", rf"gsk_{_B62}{{48,56}}", "gsk_****"),
    Format("xai-key", "xai-[0-9A-Za-z]{10}", rf"xai-{_B62}{{70,90}}", "xai-****"),
    Format("huggingface-token", "hf_[0-9A-Za-z]{20}", r"hf_[0-9A-Za-z]{34,40}", "hf_****"),
    Format("huggingface-org-token", "api_org_", r"api_org_[0-9A-Za-z]{34}", "api_org_****"),
    Format("vercel-token", "vc[kpiar]_", rf"vc[kpiar]_{_WORD}{{24,60}}", "vcp_****"),
    Format("mongodb-atlas-secret", "mdb_sa_sk_", rf"mdb_sa_sk_{_WORD}{{40}}", "mdb_sa_sk_****"),
    Format("onepassword-token", "ops_eyJ", r"ops_eyJ[0-9A-Za-z+/=_-]{100,}", "ops_****"),
    Format("replicate-token", "r8_", rf"r8_{_WORD}{{37}}", "r8_****"),
    Format("digitalocean-token", "do[opr]_v1_", r"do[opr]_v1_[0-9a-f]{64}", "dop_v1_****"),
    Format("docker-token", "dckr_", rf"dckr_(?:pat|oat)_{_WORD}{{20,100}}", "dckr_pat_****"),
    Format("shopify-token", "shp(?:at|ca|pa|ss)_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "shpat_****"),
    Format("square-token", "EAAA|sq0", rf"(?:EAAA{_WORD}{{60}}|sq0(?:atp|csp|idp)-{_WORD}{{22,43}})", "EAAA****"),
    Format(
        "paypal-braintree-token",
        r"access_token\$",
        r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}",
        "access_token$****",
    ),
    Format("telegram-token", ":AA[A-Za-z0-9_-]", r"", "****:AA****"),
    Format("facebook-token", "EAA[A-Z][0-9A-Za-z]{20}", rf"EAA[A-Z]{_B62}{{90,300}}", "EAA****"),
    Format("linear-key", "lin_(?:api|oauth)_", rf"lin_(?:api|oauth)_{_B62}{{32,64}}", "lin_api_****"),
    Format(
        "notion-token",
        "ntn_[0-9A-Za-z]{20}|secret_[0-9A-Za-z]{20}",
        rf"(?:ntn_{_B62}{{43,50}}|secret_{_B62}{{43}})",
        "ntn_****",
    ),
    Format("airtable-token", r"pat[0-9A-Za-z]{14}\.[0-9a-f]{8}", rf"pat{_B62}{{14}}\.[0-9a-f]{{64}}", "pat****"),
    Format(
        "atlassian-token",
        "ATATT3|ATCTT3|ATBB",
        rf"(?:AT[AC]TT3(?:{_WORD}|=){{150,250}}|ATBB{_B62}{{32}})",
        "ATATT3****",
    ),
    Format("vault-token", r"hv[sbr]\.", rf"hv[sbr]\.{_WORD}{{24,300}}", "hvs.****"),
    Format("terraform-cloud-token", r"\.atlasv1\.", r"", "****.atlasv1.****"),
    Format("databricks-token", "dapi[0-9a-f]{2}", r"dapi[0-9a-f]{32}(?:-[0-9])?", "dapi****"),
    Format("planetscale-token", "pscale_", rf"pscale_(?:tkn|pw|oauth)_(?:{_WORD}|[.=]){{32,64}}", "pscale_****"),
    Format(
        "supabase-token", "sbp_|sb_secret_", rf"(?:sbp_(?:v0_)?[0-9a-f]{{40}}|sb_secret_{_WORD}{{20,60}})", "sbp_****"
    ),
    Format("postman-key", "PMAK-", r"PMAK-[0-9a-fA-F]{24}-[0-9a-fA-F]{34}", "PMAK-****"),
    Format("newrelic-key", "NRAK-|NRJS-", r"NR(?:AK-[0-9A-Z]{27}|JS-[0-9a-f]{19})", "NRAK-****"),
    Format(
        "grafana-token",
        "glsa_|glc_ey",
        rf"(?:glsa_{_B62}{{32}}_[0-9a-fA-F]{{8}}|glc_[0-9A-Za-z+/]{{32,400}})",
        "glsa_****",
    ),
    Format("sentry-token", "sntry[su]_", r"sntry(?:u_[0-9a-f]{64}|s_[0-9A-Za-z+/=_]{60,300})", "sntry*_****"),
    Format(
        "doppler-token",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.",
        rf"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{{2,35}}\.)?{_B62}{{40,44}}",
        "dp.****",
    ),
    Format("pulumi-token", "pul-[0-9a-f]", r"pul-[0-9a-f]{40}", "pul-****"),
    Format("fly-token", "FlyV1|fo1_", rf"(?:FlyV1 fm[12]_[0-9A-Za-z+/=,_]{{100,600}}|fo1_{_WORD}{{43}})", "fo1_****"),
    Format("heroku-key", "HRKU-", rf"HRKU-{_WORD}{{36,64}}", "HRKU-****"),
    Format("rubygems-key", "rubygems_", r"rubygems_[0-9a-f]{48}", "rubygems_****"),
    Format("cratesio-token", "cio[0-9A-Za-z]{20}", rf"cio{_B62}{{32}}", "cio****"),
    Format("age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}", "AGE-SECRET-KEY-1****"),
    Format("azure-storage-key", "AccountKey=", r"", "AccountKey=****"),
    Format("azure-ad-secret", r"[0-9]Q~", r"", "****Q~****"),
    Format("aliyun-key-id", "LTAI", rf"LTAI{_B62}{{17,22}}", "LTAI****"),
    Format("tencent-key-id", "AKID", rf"AKID{_B62}{{32}}", "AKID****"),
    Format("brevo-key", "xkeysib-", r"xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16}", "xkeysib-****"),
    Format("resend-key", "re_[0-9A-Za-z]{8}_[0-9A-Za-z]{12}", rf"re_{_B62}{{8}}_{_B62}{{24}}", "re_****"),
    Format("figma-token", "fig[dou][rh]?_", rf"fig(?:d|oh|or|u)_{_WORD}{{40,60}}", "figd_****"),
    Format(
        "json-web-token", "eyJ", r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{20,}", "eyJ****", MEDIUM
    ),
)

_AROUND = {  # formats whose marked part is not at the beginning: what to look for around it
    "mailchimp-key": (36, r"[0-9a-f]{32}-us[0-9]{1,2}", 0),
    "telegram-token": (12, r"[0-9]{8,10}:AA[0-9A-Za-z_-]{33}", 0),
    "terraform-cloud-token": (14, r"[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_-]{60,70}", 0),
    "azure-storage-key": (0, r"AccountKey=[0-9A-Za-z+/]{86}==", len("AccountKey=")),
    "azure-ad-secret": (4, r"[0-9A-Za-z_~.-]{3}[0-9]Q~[0-9A-Za-z_~.-]{31,34}", 0),
}


class _Rule(NamedTuple):
    form: Format
    begins: Pattern
    whole: Pattern
    before: int
    """How many bytes before the marked part it may begin."""
    skip: int
    """How many bytes of the match are no part of the value."""


class _Compiled(NamedTuple):
    gate: Pattern
    rules: dict[bytes, list[_Rule]]
    """By the first byte of the marked part: few of them are tried at each place."""


@lru_cache(maxsize=1)
def _compiled() -> _Compiled:
    rules: dict[bytes, list[_Rule]] = {}
    for form in FORMATS:
        before, whole, skip = _AROUND.get(form.rule_id, (0, form.rest, 0))
        rule = _Rule(form, compile_pattern(f"(?:{form.begins})"), compile_pattern(whole), before, skip)
        for first in _first_bytes(form.begins):
            rules.setdefault(first, []).append(rule)
    return _Compiled(compile_pattern("|".join(form.begins for form in FORMATS)), rules)


def _first_bytes(pattern: str) -> set[bytes]:
    """With what a match may begin; some more do no harm."""
    found: set[bytes] = set()
    for part in pattern.split("|"):
        bare = part.removeprefix(r"\b")
        if bare.startswith("[0-9]"):
            signs = "0123456789"
        elif bare.startswith("["):
            signs = bare[1 : bare.index("]")]
        else:
            signs = bare.lstrip("\\")[:1]
        found.update(sign.encode() for sign in signs)
    return found


def find_formats(data: bytes) -> Iterator[Hit]:
    """Give each token of a known format."""
    compiled = _compiled()
    passed, failed = 0, 0
    for gate in compiled.gate.finditer(data):
        at = gate.start()
        if at < passed:
            continue
        begin = data[at : at + 24]
        window = WINDOW_BYTES if failed < MANY else SMALL_WINDOW_BYTES
        failed += 1
        for form, begins, whole, before, skip in compiled.rules.get(begin[:1], ()):
            if begins.match(begin) is None:
                continue
            if not before and (data[at - 1 : at].isalnum() or data[at - 1 : at] == b"_") and at:
                continue
            window_at = max(0, at - before)
            found = whole.search(data, window_at, window_at + window)
            if found is None or not (window_at <= found.start() <= at):
                continue
            start, end = found.start() + skip, found.end()
            if _is_part_of_more(data, found.start(), end):
                continue
            value = data[start:end]
            if looks_made_up(value[len(form.mask.split("*")[0]) :] or value):
                continue
            passed = end
            yield Hit(form.rule_id, "vendor", start, value, form.confidence, form.mask)
            break


def _is_part_of_more(data: bytes, start: int, end: int) -> bool:
    """Whether the token is a piece of a longer word, such as a line of base64."""
    before, after = data[start - 1 : start], data[end : end + 1]
    return before.isalnum() or before in (b"_", b"+") or after.isalnum()


def looks_made_up(body: bytes) -> bool:
    """Whether what follows the prefix is an example: few different signs, a row of them, or a word that says so."""
    low = body.lower()
    if any(word in low for word in (b"example", b"xxxx", b"your", b"placeholder", b"abcdefgh", b"12345678", b"....")):
        return True
    if b"0000000" in low or b"-here" in low or b"insert" in low or b"redacted" in low or b"changeme" in low:
        return True
    return len(set(low)) < min(8, 1 + len(low) // 3)
