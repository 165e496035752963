package web

import (
	"net/http"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/web/ui"
)

// «Retirer de l’établissement»: what ends there, who takes over what is held there (OFF-4).
var siteRemovalRoutes = []route{
	{"GET /o/{org}/members/{member}/sites/{site}/removal", within, (*visit).siteRemoval},
	{"POST /o/{org}/members/{member}/sites/{site}/removal", within, (*visit).removeFromSite},
}

// siteRemovalPath is the page for one site of a member.
func (v *visit) siteRemovalPath(id ident.Member, site ident.Site) string {
	return v.sheetPath(id) + "/sites/" + site.String() + "/removal"
}

// mayRemoveFrom reports whether the sheet offers it.
func (v *visit) mayRemoveFrom(s member.Sheet, site ident.Site) bool {
	return s.May.EditRights && v.held.Has(access.MembersEdit, access.SiteScope(v.org.ID, site))
}

// goer reads the removal that the address names. Whoever may not know of it finds nothing.
func (v *visit) goer() (departure.SiteView, error) {
	id, err := ident.ParseMember(v.PathValue("member"))
	if err != nil {
		return departure.SiteView{}, errPage
	}
	site, err := ident.ParseSite(v.PathValue(fieldSite))
	if err != nil {
		return departure.SiteView{}, errPage
	}
	return v.s.SiteRemovals.Preview(v.Context(), v.by, v.org.ID, id, site)
}

func (v *visit) siteRemoval() error {
	d, err := v.goer()
	if err != nil {
		return err
	}
	return v.askSiteRemoval(d, v.proposedTakers(d), d.Member.Version, nil)
}

// proposedTakers are the colleagues who come first, by field. In whose name documents are sent is
// proposed to nobody: an identity is somebody's own.
func (v *visit) proposedTakers(d departure.SiteView) map[string]string {
	to := map[string]string{}
	for i := range d.Holdings {
		if h := &d.Holdings[i]; h.May && h.Type != resource.Identity && len(h.People) > 0 && h.People[0].SameFunction {
			to[toField(*h)] = h.People[0].Member.String()
		}
	}
	return to
}

func (v *visit) removeFromSite() error {
	d, err := v.goer()
	if err != nil {
		return err
	}
	to, version := map[string]string{}, parseVersion(v.PostFormValue(fieldVersion))
	for i := range d.Holdings {
		field := toField(d.Holdings[i])
		to[field] = v.PostFormValue(field)
	}
	if d.Last {
		return v.askSiteRemoval(d, to, version, nil)
	}
	order := departure.SiteOrder{Version: version}
	order.Choices, _ = departForm{To: to}.choices(departure.View{Holdings: d.Holdings})
	if d.NeedsStepUp {
		err = v.prove()
	}
	if err == nil {
		_, err = v.s.SiteRemovals.Remove(v.Context(), v.by, v.org.ID, d.Member.ID, d.Site, order)
	}
	if err != nil {
		return v.askSiteRemoval(d, to, version, err)
	}
	v.flash(ui.ToneOK, v.t.T("site_removal.done", "Name", d.Member.Name(), "Site", d.SiteName))
	if _, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, d.Member.ID); err != nil { // of their own sites only (AUZ-06)
		return v.to(v.at(atMembers))
	}
	return v.to(v.sheetPath(d.Member.ID))
}

// siteRemovalView is the page before somebody is removed from a site.
type siteRemovalView struct {
	Name, Back, Path string
	Version          int64
	Plate            ui.PlaqueProps
	Last             string // the page of the departure, where it is their only site
	Blocked          string
	Ends             []siteEnds
	Lines            []departLine
	More             bool
	Stays            []string
	Unmanaged        string
	Proof            *ui.StepUpProps

	told
}

// siteEnds is one sort of what ends.
type siteEnds struct {
	ui.ItemProps

	Each []string
}

// askSiteRemoval shows the page; after a refusal, with what to do about it and what was chosen.
func (v *visit) askSiteRemoval(d departure.SiteView, to map[string]string, version int64, refusal error) error {
	if fault.Is(refusal, fault.Stale) {
		version = d.Member.Version // what has changed is on the page: what was chosen stays, to be sent again
	}
	said, status, err := v.tellDeparture(departure.View{Holdings: d.Holdings}, departForm{To: to}, refusal)
	if err != nil {
		return err
	}
	if fault.Is(refusal, fault.Stale) {
		said.Failure = v.t.T("site_removal.stale")
	}
	p, err := v.orgFrame(v.t.T("site_removal.title"), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	view := v.removalView(d, to, said)
	view.Version = version
	return v.show(status, SiteRemovalPage(p, view))
}

func (v *visit) removalView(d departure.SiteView, to map[string]string, said told) siteRemovalView {
	m := d.Member
	view := siteRemovalView{
		Name: titled(m.Title, m.Name()), Back: v.sheetPath(m.ID), Path: v.siteRemovalPath(m.ID, d.Site), told: said,
		Plate: ui.PlaqueProps{
			Above: v.occupation(m.Member), Name: titled(m.Title, m.Name()), Below: []string{d.SiteName}, Enamel: ui.Enamel(v.org.Enamel),
		},
	}
	if d.Last {
		view.Last = v.departurePath(m.ID) + "?" + fieldForm + "=1"
		return view
	}
	if d.Blocked != nil && said.Failure == "" {
		view.Blocked = ended(v.sentence(d.Blocked))
	}
	view.Ends, view.Stays = v.siteEnds(d), v.siteStays(d)
	names := make([]string, 0, len(d.Unmanaged))
	for _, r := range d.Unmanaged {
		names = append(names, r.Name)
	}
	if len(names) > 0 {
		view.Unmanaged = v.t.T("site_removal.unmanaged", "Count", len(names), "Names", v.t.List(names))
	}
	for _, h := range d.Holdings {
		view.Lines, view.More = append(view.Lines, v.takerLine(h, m.Name(), to, said.Errors)), view.More || h.More
	}
	if d.NeedsStepUp {
		why := "site_removal.why"
		if !d.Administers {
			why = "site_removal.why_holds"
		}
		view.Proof = v.proof(v.t.T(why), said.Errors)
	}
	return view
}

// takerLine is one thing held there, and who may take it over.
func (v *visit) takerLine(h departure.Holding, name string, to, wrong map[string]string) departLine {
	l := v.departLine(h, departForm{To: to}, wrong)
	if h.What == departure.Work {
		l.Detail = v.t.T("site_removal.kept", "Name", name)
	}
	switch {
	case !h.May:
		l.Detail, l.Chip = v.t.T("site_removal.may_not"), nil
	case len(h.People) == 0:
		l.Field, l.Detail = "", l.Detail+" "+v.t.T("site_removal.no_receiver")
	}
	return l
}

// siteEnds are what ends, one by one as far as whoever looks may know (AUZ-06).
func (v *visit) siteEnds(d departure.SiteView) (list []siteEnds) {
	add := func(key string, icon ui.IconName, detail string, each []string) {
		list = append(list, siteEnds{ui.ItemProps{Icon: icon, Title: v.t.T("site_removal." + key), Detail: detail, Strong: true}, each})
	}
	var rights []string
	for _, r := range d.Roles {
		rights = append(rights, roleName(v.t, role.Role{BuiltIn: r.BuiltIn, Name: r.Name}))
	}
	for _, p := range d.Permissions {
		rights = append(rights, v.t.T("permission."+string(p.Permission)))
	}
	if len(rights) > 0 {
		add("roles", ui.IconIdentificationCard, "", rights)
	}
	if d.Levels > 0 {
		var each []string
		for _, l := range d.LevelLines {
			level := v.t.T("level." + string(l.Resource.Type) + "." + l.Before.Level.Word())
			each = append(each, v.t.T("site_removal.level", "Resource", l.Resource.Name, "Level", level))
		}
		add("levels", ui.IconCalendarDots, v.t.T("site_removal.levels_count", "Count", d.Levels), each)
	}
	if n := d.Received + d.Given; n > 0 {
		var each []string
		for i := range d.Delegations {
			x := &d.Delegations[i]
			act := v.t.T("delegation.act." + string(x.Act))
			each = append(each, v.t.T("site_removal.delegation", "Member", x.Name, "Identity", x.Identity.Name, "Act", act))
		}
		add("delegations", ui.IconHandshake, v.t.T("site_removal.delegations_count", "Count", n), each)
	}
	add("details", ui.IconMinusCircleFill, v.t.T("site_removal.details_text"), nil)
	return list
}

// siteStays are what goes on.
func (v *visit) siteStays(d departure.SiteView) []string {
	var others []string
	for _, s := range d.Member.Sites {
		if s.ID != d.Site {
			others = append(others, s.Name)
		}
	}
	first := v.t.T("site_removal.stays_hidden", "Name", d.Member.Name())
	if len(others) > 0 {
		first = v.t.T("site_removal.stays", "Count", len(others), "Name", d.Member.Name(), "Sites", v.t.List(others))
	}
	return []string{first, v.t.T("site_removal.groups"), v.t.T("site_removal.undo_text", "Count", strconv.Itoa(departure.UndoDays))}
}
