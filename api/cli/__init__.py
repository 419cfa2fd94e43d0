"""``wenze``: everything that an operator does at the command line."""

from __future__ import annotations

from importlib import import_module

import click

_GROUPS = {
    "account": ("api.cli.account", "Create and reset accounts of staff."),
    "attachment": ("api.cli.attachment", "Remove attachments that nobody attached."),
    "audit": ("api.cli.audit", "Export, seal and verify the audit trail."),
    "category": ("api.cli.tenant", "Import categories."),
    "client": ("api.cli.client", "Create and disable clients."),
    "db": ("api.cli.db", "Migrate the database."),
    "demo": ("api.cli.demo", "Play the main job for four cities."),
    "keys": ("api.cli.keys", "Rotate the keys with which tokens are signed."),
    "law": ("api.cli.law", "Show the regulations and work out deadlines."),
    "oauth": ("api.cli.oauth", "Clear away what sign-ins and tokens have left."),
    "openapi": ("api.cli.openapi", "Write each city's OpenAPI document."),
    "search": ("api.cli.search", "Fill the index of words."),
    "serve": ("api.cli.serve", "Run the service."),
    "tenant": ("api.cli.tenant", "Create and list tenants, and give them addresses of their own."),
    "unit": ("api.cli.tenant", "Import units."),
    "worker": ("api.cli.worker", "Work off timers: deadlines that run out, events, deliveries."),
}


class LazyGroup(click.Group):
    """Imports a command when it is first asked for: ``wenze law`` does not load a web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return sorted(_GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        del ctx
        if cmd_name not in _GROUPS:
            return None
        command: click.Command = getattr(import_module(_GROUPS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in sorted(_GROUPS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wenze")
def main() -> None:
    """wenze 问责: a city's regulations on complaints, deadlines and accountability, made executable."""
