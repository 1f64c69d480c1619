"""The least rights that each part needs in Kafka, and how they are granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType
from kafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict

from pipeline.broker.kafka_clients import kafka_admin
from pipeline.events.errors import UnreachableError
from pipeline.events.tables import yaml_table
from pipeline.settings import Settings


class Rights(BaseModel):
    """What one part may do; see acls.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    create: bool = False


def rights() -> Mapping[str, Rights]:
    """The rights of every part."""
    return {name: Rights.model_validate(given) for name, given in yaml_table("pipeline.broker", "acls.yaml").items()}


def acls(part: str, user: str, settings: Settings) -> list[ACL]:
    """The ACLs of a part.

    Args:
        part: its name in acls.yaml.
        user: name of its user in Kafka.
        settings: for the prefixes of topics and groups.
    """
    given, kafka = rights()[part], settings.kafka
    all_topics = ResourcePattern(ResourceType.TOPIC, f"{kafka.topic_prefix}.", ACLResourcePatternType.PREFIXED)
    all_groups = ResourcePattern(ResourceType.GROUP, f"{kafka.group_prefix}-", ACLResourcePatternType.PREFIXED)
    wanted: list[tuple[ResourcePattern, ACLOperation]] = [
        (all_topics, ACLOperation.DESCRIBE),
        (all_topics, ACLOperation.DESCRIBE_CONFIGS),
        (all_groups, ACLOperation.DESCRIBE),
    ]
    for operation, names in ((ACLOperation.READ, given.read), (ACLOperation.WRITE, given.write)):
        wanted += [(ResourcePattern(ResourceType.TOPIC, f"{kafka.topic_prefix}.{name}"), operation) for name in names]
    wanted += [
        (ResourcePattern(ResourceType.GROUP, f"{kafka.group_prefix}-{name}"), ACLOperation.READ)
        for name in given.groups
    ]
    if given.create:
        wanted.append((all_topics, ACLOperation.CREATE))
        wanted.append((all_topics, ACLOperation.ALTER))
    return [ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, pattern) for pattern, operation in wanted]


def commands(part: str, user: str, settings: Settings) -> Iterator[str]:
    """The same as command lines of Kafka's own tool, for those who grant rights by it."""
    for acl in acls(part, user, settings):
        pattern = acl.resource_pattern
        kind = "--topic" if pattern.resource_type == ResourceType.TOPIC else "--group"
        prefixed = pattern.pattern_type == ACLResourcePatternType.PREFIXED
        operation = "".join(word.title() for word in acl.operation.name.split("_"))
        yield (
            f"kafka-acls.sh --bootstrap-server {settings.kafka.bootstrap_servers} --add --allow-principal User:{user} "
            f"--operation {operation} {kind} {pattern.resource_name}"
            + (" --resource-pattern-type prefixed" if prefixed else "")
        )


def grant(users: Mapping[str, str], settings: Settings) -> int:
    """Grant every part its rights; returns how many ACLs that were. Granting twice changes nothing.

    Args:
        users: part → name of its user.
        settings: of the installation, with the log-in of somebody who may alter the cluster.

    Raises:
        UnreachableError: Kafka does not answer, or does not allow it.
    """
    wanted = [acl for part, user in users.items() for acl in acls(part, user, settings)]
    try:
        admin = kafka_admin(settings.kafka)
        try:
            result = admin.create_acls(wanted)
        finally:
            admin.close()
    except (KafkaError, OSError) as error:
        raise UnreachableError(f"Kafka does not grant the rights: {type(error).__name__}: {error}.") from error
    if failed := result["failed"]:
        raise UnreachableError(f"Kafka does not grant {len(failed)} of {len(wanted)} rights: {failed[0][1]}.")
    return len(wanted)
