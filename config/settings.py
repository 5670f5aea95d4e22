"""Every setting of Workledger, read once from the environment or `.env`; a wrong value raises here."""

from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from config.environment import Environment
from config.keys import development_keys
from config.logs import access_log_level, logging_settings
from config.modules import PACKAGE_MODULES
from integrations.outbound.addresses import AddressPolicy

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Environment()  # type: ignore[no-untyped-call]  # the library has no types
Environment.read_env(BASE_DIR / ".env")

RELEASE = "0.1.0"
DEBUG: bool = env.bool("DEBUG", default=True)
_keys = development_keys(VAR_DIR / "development-keys.env") if DEBUG else {}


def _key(name: str) -> str:
    """A key from the environment; in development from the generated file; else refuse to start."""
    return env.str(name, default=_keys[name]) if name in _keys else env.str(name)


SECRET_KEY: str = _key("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
CREDENTIAL_KEYS: list[str] = _key("CREDENTIAL_KEYS").split(",")
AUDIT_SIGNING_KEY: str = _key("AUDIT_SIGNING_KEY")
AUDIT_CHECKPOINT_SECONDS: int = env.int("AUDIT_CHECKPOINT_SECONDS", default=3600)
AUDIT_FORMER_PUBLIC_KEYS: list[str] = env.list("AUDIT_FORMER_PUBLIC_KEYS", default=[])

PORT: int = env.int("PORT", default=8000)
BASE_URL: str = env.str("BASE_URL", default=f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
WEB_THREADS: int = env.int("WEB_THREADS", default=8)

# Behind https, a proxy ends TLS in front of us: it redirects http and says in this header how it was reached.
_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_TRUSTED_ORIGINS = [BASE_URL.rstrip("/")]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",
    "security.W008",
    "security.W021",
]  # redirects, subdomains: the proxy's

INSTALLED_APPS = [
    "workspaces",
    "audit",
    "workflows",
    "jobs",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "lucide",
    "csp",
    "django_structlog",
    "django_filters",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "common.middleware.RequestIdMiddleware",
    "common.middleware.AccessLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspaces.pages.middleware.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspaces.pages.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "workspaces.templatetags.pages",
            ],
        },
    }
]

# ---------------------------------------------------------------- what a page may load and do
CSRF_FAILURE_VIEW = "config.errors.stale_form"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],  # sent by pages that ask for one: those with a code field
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# ---------------------------------------------------------------- database
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'workledger.sqlite3'}")
}
LISTEN_DATABASE_URL: str = env.str("LISTEN_DATABASE_URL", default="")
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
_suffix: str = env.str("TEST_DATABASE_SUFFIX", default="")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["ENGINE"] = "common.sqlite"  # which takes the write lock fairly
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA busy_timeout=20000;"
            "PRAGMA recursive_triggers=ON;PRAGMA temp_store=MEMORY;"
        ),
    }
    _database["TEST"] = {"NAME": str(VAR_DIR / f"test{_suffix}.sqlite3")}
else:
    _database["ENGINE"] = "common.postgresql"  # which checks a connection without a question
    _database["CONN_HEALTH_CHECKS"] = True
    _database["TEST"] = {"NAME": f"test_workledger{_suffix}"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---------------------------------------------------------------- people
AUTH_USER_MODEL = "workspaces.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

AUTHENTICATION_BACKENDS = ["workspaces.sessions.SignInBackend"]
SESSION_ENGINE = "workspaces.sessions"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "account_login"
ALLAUTH_TRUSTED_PROXY_COUNT = int(_https)  # rate limits go by the address that the proxy names
ACCOUNT_ADAPTER = "workspaces.pages.signing_in.AccountAdapter"
ACCOUNT_FORMS = {"login": "workspaces.pages.sign_in_form.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_ENABLED = False  # accounts come by invitation
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nothing is sent to addresses that nobody here has
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "workspaces.pages.signing_in.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Workledger"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off

# ---------------------------------------------------------------- e-mail
EMAIL_TIMEOUT = 10  # seconds: a person waits for it
EMAIL_URL: str = env.str("EMAIL_URL", default="consolemail://")
vars().update(env.email_url_config(EMAIL_URL))  # type: ignore[no-untyped-call]  # the library has no types
DEFAULT_FROM_EMAIL: str = env.str("EMAIL_FROM", default="Workledger <workledger@localhost>")

# ---------------------------------------------------------------- time and language
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"  # a plain DATETIME_FORMAT loses to what Django has for English

# ---------------------------------------------------------------- files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "common.packages.PackageFinder",
]
NODE_MODULES = BASE_DIR / "node_modules"
PACKAGE_FILES = (  # what pages use of the packages in package.json; served below static/packages/
    "@tabler/core/dist/css/tabler.min.css",
    "idiomorph/dist/idiomorph-ext.min.js",
    "sortablejs/Sortable.min.js",
    *PACKAGE_MODULES.values(),  # of code fields
)
WHITENOISE_USE_FINDERS = True  # styles are served from where they are installed, without collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "common.static.CollectedFiles"},  # with it: for good, and compressed
}
STORAGE_URL: str = env.str("STORAGE_URL", default=f"file://{VAR_DIR / 'blobs'}")
MAX_FILE_BYTES: int = env.int("MAX_FILE_BYTES", default=1 << 30)
MAX_OUTPUT_BYTES: int = env.int("MAX_OUTPUT_BYTES", default=10 << 20)

# ---------------------------------------------------------------- engine
Q_WORKERS: int = env.int("Q_WORKERS", default=2)
Q_CLUSTER_NAME: str = env.str("Q_CLUSTER_NAME", default="default")
STOP_GRACE: int = env.int("STOP_GRACE", default=25)
WORKER_LEASE_SECONDS: int = env.int("WORKER_LEASE_SECONDS", default=30)
CODE_MAX_SECONDS: int = env.int("CODE_MAX_SECONDS", default=300)
OUTBOUND_PRIVATE_HOSTS: list[str] = env.list("OUTBOUND_PRIVATE_HOSTS", default=[])
AddressPolicy.parse(OUTBOUND_PRIVATE_HOSTS)  # raises on an entry that is no host and no network
OUTBOUND_PROXY: str = env.str("OUTBOUND_PROXY", default="")

# django-q2 supervises workers and rings the bell; jobs.queue says what that means, and which settings it heeds.
# `timeout` and `retry` never apply, for tokens carry no time limit and our broker keeps no messages.
Q_CLUSTER: dict[str, Any] = {
    "name": "workledger",
    "broker_class": "jobs.queue.broker.DoorbellBroker",
    "ALT_CLUSTERS": {},
    "workers": Q_WORKERS,
    "save_limit": -1,
    "timeout": 3599,
    "retry": 3600,
    "recycle": 10_000,  # tokens after which a worker leaves, between two jobs
    "max_rss": 512 * 1024,  # KiB at which it leaves
    "log_level": "WARNING",
    "scheduler": False,
}

# ---------------------------------------------------------------- API
KNOX_TOKEN_MODEL = "workspaces.Token"  # noqa: S105 - a model's name
API_RATE_PER_MINUTE: int = env.int(
    "API_RATE_PER_MINUTE", default=6000
)  # for each token and process; 0: no limit
REST_FRAMEWORK: dict[str, Any] = {
    "EXCEPTION_HANDLER": "common.api.problems.exception_handler",
    "DEFAULT_RENDERER_CLASSES": ["common.api.bodies.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.bodies.JsonParser"],
    "DEFAULT_PAGINATION_CLASS": "common.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "workspaces.api.schema.ApiSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "URL_FORMAT_OVERRIDE": None,  # or `?format=csv` of an export would be a 404
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Workledger API",
    "DESCRIPTION": "Start workflow jobs, watch them, and prove what they did.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobStatusEnum": "jobs.states.JobStatus",
        "StepRunStatusEnum": "jobs.api.described.STEP_STATUSES",
        "ActivationRequestStatusEnum": "workflows.models.RequestStatus",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# ---------------------------------------------------------------- logs
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOGGING: dict[str, Any] = logging_settings(debug=DEBUG, level=LOG_LEVEL)
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: one line a request is enough
DJANGO_STRUCTLOG_STATUS_2XX_LOG_LEVEL = access_log_level(debug=DEBUG)
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = access_log_level(debug=DEBUG)
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # ours: RequestIdMiddleware has checked it
DJANGO_STRUCTLOG_USER_ID_FIELD = ""  # it would open the session of every request; the actor is bound instead
