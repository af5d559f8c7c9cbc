"""The page of menu versions: what is in service, what changed, what was proposed, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ivr.core.errors import Problem, RequestError
from ivr.core.people import Role
from ivr.web.doors import Site
from ivr.web.i18n import gettext, page_language, site_time
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_
from ivr.workflows.menu_labels import named

REFUSALS: Mapping[str, str] = {
    "hotline_unknown": N_("There is no such hotline."),
    "version_unknown": N_("There is no such version."),
    "version_unreadable": N_("This version cannot be read by today's program."),
    "version_refused": N_("Today's check refuses this version: propose it anew, and see why."),
    "menu_large": N_("A menu has at most 256 KiB."),
    "menu_hotline": N_("This is the menu of another hotline."),
    "menu_same": N_("This is what is in service already."),
    "menu_own": N_("Somebody else than its author puts a menu into service."),
}


def menus_admin_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("admin_menus", __name__, url_prefix="/admin/menus")
    keep = site.rules.menus

    @blueprint.get("")
    @allow("supervisor", "admin")
    def page() -> ResponseReturnValue:
        try:
            return _page(site)
        except RequestError as err:
            return _page(site, refused=err.error_id, plain=True), err.status

    @blueprint.get("/source/<version>")
    @allow("supervisor", "admin")
    def source(version: str) -> ResponseReturnValue:
        found = keep.source(version)
        answer = Response(found.text, mimetype="text/plain")
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.hotline}-{found.version}.yaml"'
        return answer

    @blueprint.post("/propose")
    @allow("supervisor", "admin")
    def propose() -> ResponseReturnValue:
        form = request.form
        hotline, text = form.get("hotline", ""), form.get("text", "").replace("\r\n", "\n")
        try:
            if form.get("only") == "check":
                return _page(site, judged=keep.check(hotline, text).problems)
            judged = keep.propose(hotline, text, who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        if judged.tree is None:
            return _page(site, judged=judged.problems), 422
        return redirect(f"/admin/menus?hotline={judged.tree.hotline}&new={judged.tree.version}#changes", 303)

    @blueprint.post("/activate")
    @allow("admin")
    def activate() -> ResponseReturnValue:
        form = request.form
        try:
            keep.activate(form.get("hotline", ""), form.get("version", ""), who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect(f"/admin/menus?hotline={keep.tree(form.get('hotline', '')).hotline}", 303)

    @blueprint.post("/back")
    @allow("admin")
    def back() -> ResponseReturnValue:
        try:
            keep.back_to_file(request.form.get("hotline", ""), who=signed_in(site).login)
        except RequestError as err:
            return _page(site, refused=err.error_id), err.status
        return redirect("/admin/menus", 303)

    return blueprint


def _page(site: Site, *, refused: str = "", judged: Sequence[Problem] | None = None, plain: bool = False) -> str:
    keep, zone, language = site.rules.menus, ZoneInfo(site.zone), page_language()
    known = {tree.hotline for tree in keep.live()}
    wanted = request.values.get("hotline", "")
    tree = keep.tree(wanted if wanted in known else "")
    old = request.args.get("old", "") or tree.version
    new = "" if plain else request.args.get("new", "")
    source = keep.book.find(new or tree.version)
    return render_template(
        "admin_menus.html",
        tree=tree,
        title=named(tree.title, language),
        trees=[(one.hotline, named(one.title, language)) for one in keep.live()],
        versions=keep.book.versions(tree.hotline),
        choice=keep.choice(tree.hotline),
        old=old,
        new=new,
        changes=keep.difference(old, new) if new else None,
        judged=judged,
        text=request.form.get("text", "").replace("\r\n", "\n") or (source.text if source else ""),
        admin=signed_in(site).may(Role.ADMIN),
        own=signed_in(site).login,
        time=lambda at: site_time(at.astimezone(zone)),
        refused=gettext(REFUSALS[refused]) if refused else "",
    )
