"""A parts list as CycloneDX 1.6 JSON. The same input gives the same bytes, but for the time."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from secaudit import __version__
from secaudit.reporting.parts import Part, PartsList
from secaudit.reporting.visible import visible

if TYPE_CHECKING:
    from cyclonedx.model import ExternalReference, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License
    from packageurl import PackageURL

NAMESPACE = uuid.UUID("6b6d5c52-3c0e-5f0e-9d1c-7a4f0c9b2f11")
"""Of our serial numbers, which are made from the content."""
ROOT = "project"
_TYPES = {
    "PyPI": "pypi", "npm": "npm", "Packagist": "composer", "RubyGems": "gem", "Go": "golang", "crates.io": "cargo",
    "Maven": "maven", "NuGet": "nuget",
}  # fmt: skip
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}


def render(parts: PartsList) -> str:
    """The document."""
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
    from cyclonedx.model.tool import ToolRepository
    from cyclonedx.output.json import JsonV1Dot6

    tool = Component(name="secaudit", version=__version__, type=ComponentType.APPLICATION)
    root = Component(
        name=visible(parts.name), version=visible(parts.version) or None, type=ComponentType.APPLICATION, bom_ref=ROOT,
        licenses=_licences(parts.licence),
    )  # fmt: skip
    bom = Bom(
        version=1, serial_number=uuid.UUID(int=0),
        metadata=BomMetaData(
            timestamp=parts.made, component=root, tools=ToolRepository(components=[tool]),
            lifecycles=[PredefinedLifecycle(LifecyclePhase.PRE_BUILD)],
        ),
        properties=_properties(parts),
    )  # fmt: skip
    known = {ref: _component(ref, part) for ref, part in _with_refs(parts)}
    bom.components.update(known.values())
    _link(bom, root, known, parts)
    bom.serial_number = _serial(JsonV1Dot6(bom).output_as_string(), parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _serial(text: str, parts: PartsList) -> uuid.UUID:
    """The number of this content: the time is no part of it."""
    stamp = parts.made.isoformat()
    return uuid.uuid5(NAMESPACE, hashlib.sha256(text.replace(stamp, "").encode()).hexdigest())


def _properties(parts: PartsList) -> list[Property]:
    from cyclonedx.model import Property

    found = [Property(name="secaudit:file", value=visible(path)) for path in parts.files]
    found.extend(Property(name="secaudit:not-read", value=visible(text)) for text in parts.problems)
    found.append(Property(name="secaudit:complete", value="false" if parts.problems else "true"))
    if parts.left_out:
        found.append(Property(name="secaudit:left-out-of-tests-examples-docs", value=str(parts.left_out)))
    return found


def _with_refs(parts: PartsList) -> list[tuple[str, Part]]:
    """Each part with a name of its own inside the document: its package URL where it has one."""
    found: dict[str, Part] = {}
    for part in parts.parts:
        purl = _purl(part)
        ref = purl.to_string() if purl is not None else f"{part.ecosystem}:{visible(part.name)}@{visible(part.version)}"
        number = 2
        while ref in found:
            ref, number = f"{ref.partition('#')[0]}#{number}", number + 1
        found[ref] = part
    return list(found.items())


def _component(ref: str, part: Part) -> Component:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentScope, ComponentType

    properties = [Property(name="secaudit:place", value=visible(place)) for place in part.places[:20]]
    properties.append(Property(name="secaudit:direct", value=str(part.direct).lower()))
    if part.requirement:
        properties.append(Property(name="secaudit:requirement", value=visible(part.requirement)))
    if not part.version:
        properties.append(Property(name="secaudit:version-not-fixed", value="true"))
    group, name = _group(part)
    return Component(
        name=visible(name), group=visible(group) or None, version=visible(part.version) or None, bom_ref=ref,
        type=ComponentType.LIBRARY, purl=_purl(part), scope=ComponentScope(part.scope), properties=properties,
        hashes=_hashes(part) if part.ecosystem != "PyPI" else None, licenses=_licences(part.licence),
        external_references=_references(part),
    )  # fmt: skip


def _group(part: Part) -> tuple[str, str]:
    if part.ecosystem == "Maven":
        group, _, name = part.name.partition(":")
        return group, name
    if part.ecosystem in ("npm", "Packagist", "Go") and "/" in part.name:
        group, _, name = part.name.rpartition("/")
        return group, name
    return "", part.name


def _purl(part: Part) -> PackageURL | None:
    """The package URL; None for what lies in a folder, and for names that no registry could hold."""
    from packageurl import PackageURL

    if part.source == "path":
        return None
    qualifiers = {}
    if part.source == "git":
        qualifiers["vcs_url"] = f"git+{part.location}" + (f"@{part.revision}" if part.revision else "")
    elif part.source == "url":
        qualifiers["download_url"] = part.location
    elif part.location and part.ecosystem != "npm":
        qualifiers["repository_url"] = part.location
    group, name = _group(part)
    version = f"v{part.version}" if part.ecosystem == "Go" and part.version else part.version
    try:
        return PackageURL(_TYPES[part.ecosystem], visible(group), visible(name), visible(version) or None,
                          {key: visible(value) for key, value in qualifiers.items()})  # fmt: skip
    except (KeyError, ValueError):
        return None


def _hashes(part: Part) -> list[HashType]:
    from cyclonedx.model import HashAlgorithm, HashType

    found = []
    for text in sorted(part.hashes):
        kind, _, value = text.partition(":")
        if kind in _ALGORITHMS and len(value) == _LENGTHS[kind]:
            found.append(HashType(alg=HashAlgorithm(_ALGORITHMS[kind]), content=value))
    return found


def _references(part: Part) -> list[ExternalReference]:
    """A package of Python is several files, each with a checksum: they belong to its place, not to the package."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri

    if part.ecosystem != "PyPI" or not part.hashes or part.source != "registry":
        return []
    url = (part.location or "https://pypi.org/simple").rstrip("/")
    return [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION, url=XsUri(visible(f"{url}/{part.name}/")),
            comment="checksums of the files that the lock file allows", hashes=_hashes(part),
        )
    ]  # fmt: skip


def _licences(text: str) -> list[License]:
    from cyclonedx.factory.license import LicenseFactory

    return [LicenseFactory().make_from_string(visible(text))] if text else []


def _link(bom: Bom, root: Component, known: dict[str, Component], parts: PartsList) -> None:
    """Who needs whom. Where a lock file names no version and has several, no line is drawn."""
    by_place: dict[tuple[str, str], list[str]] = {}
    pairs = _with_refs(parts)
    for ref, part in pairs:
        for place in {place.rpartition(":")[0] for place in part.places}:
            for key in (part.name, f"{part.name}@{part.version}"):
                by_place.setdefault((place, key.lower()), []).append(ref)
    for ref, part in pairs:
        targets: set[str] = set()
        for place, names in part.needs.items():
            for name in names:
                found = by_place.get((place, _plain(part.ecosystem, name))) or []
                if len(found) == 1:
                    targets.update(found)
        bom.register_dependency(known[ref], [known[target] for target in sorted(targets - {ref})])
    bom.register_dependency(root, [known[ref] for ref, part in pairs if part.direct])


def _plain(ecosystem: str, name: str) -> str:
    low = name.lower()
    return low.replace("_", "-").replace(".", "-") if ecosystem == "PyPI" and "@" not in low else low
