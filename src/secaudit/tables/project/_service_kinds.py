"""What a service is by its image or its port: a database, a page for administrators, a port for debugging."""

from __future__ import annotations

DATABASES = frozenset(
    "postgres postgresql postgis timescaledb mysql mariadb percona mongo mongodb redis valkey keydb memcached couchdb"
    " cassandra scylla elasticsearch opensearch neo4j influxdb clickhouse-server clickhouse cockroach rethinkdb"
    " arangodb"
    " rabbitmq kafka zookeeper etcd consul mssql-server server-mssql oracle-xe dynamodb-local firebird solr meilisearch"
    " typesense qdrant weaviate milvus chroma pgvector redis-stack redis-stack-server dragonfly nats activemq"
    " minio surrealdb questdb".split()
)
ADMIN_PAGES = frozenset(
    "adminer phpmyadmin pgadmin4 pgadmin mongo-express redis-commander redisinsight portainer portainer-ce mailhog"
    " mailpit"
    " mailcatcher maildev flower kibana opensearch-dashboards kafka-ui kafdrop dozzle docker-registry-ui"
    " rabbitmq-management"
    " jupyter notebook minimal-notebook scipy-notebook datascience-notebook cloudbeaver dbgate sqlpad vault localstack"
    " selenium-hub standalone-chrome hub webtop code-server yacht dockge".split()
)
_BESIDE = (
    "exporter",
    "commander",
    "express",
    "backup",
    "client",
    "ui",
    "admin",
    "proxy",
    "init",
    "setup",
    "migrate",
    "workbench",
)
_DATABASE_PORTS = frozenset((1433, 3306, 5432, 6379, 9042, 11211, 26379, 27017))
_ADMIN_PORTS = frozenset((2375, 2376, 5601, 15672))
_PAGES_OF_DATABASES = frozenset((5601, 8025, 9001, 15672))
_DEBUG_PORTS = frozenset((5005, 5678, 5858, 9229))


def short_name(image: str) -> str:
    """`registry/x/postgres:16` as `postgres`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()


def kind_of_service(image: str, name: str) -> str:
    """`database`, `admin` or empty, by the image; by the name of the service when it is built here."""
    word = short_name(image) if image else name.lower()
    if word in ADMIN_PAGES:
        return "admin"
    if word in DATABASES:
        return "database"
    first = word.partition("-")[0]
    if first in ("postgres", "mysql", "mariadb", "mongo", "redis") and not word.endswith(_BESIDE):
        return "database"
    return ""


def kind_of_port(service: str, port: int) -> str:
    """`database`, `admin`, `debug` or empty. Of a database every port is one, but for the pages that it has."""
    if port in _ADMIN_PORTS or (service == "database" and port in _PAGES_OF_DATABASES):
        return "admin"
    if service:
        return service
    if port in _DEBUG_PORTS:
        return "debug"
    return "database" if port in _DATABASE_PORTS else ""
