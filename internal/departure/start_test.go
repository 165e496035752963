package departure_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"

	"habilis/internal/member"
	"habilis/internal/store"
)

// OFF-1: before deleting, everything held is listed with who may take it over, the likeliest first;
// what nobody may choose says who may.
func TestPreview(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		v := w.view("claire")
		if v.Name != full("paul") || v.Blocked != "" || !v.May.Start || v.May.Undo || v.Departure != nil || !slices.Equal(v.Sites, []string{"nord"}) {
			t.Errorf("%+v", v)
		}
		for what, fate := range map[departure.Choice]departure.Fate{
			w.to(departure.Administration, w.site["nord"].String(), ""): departure.Required,
			w.to(departure.Work, "task", ""):                            departure.Deleted,
			w.to(departure.Work, "appointment", ""):                     departure.Detached,
			w.to(departure.Work, "letter", ""):                          departure.Kept,
			w.to(departure.Resource, w.thing["agenda2"].String(), ""):   departure.Closed,
			w.to(departure.Resource, w.thing["name"].String(), ""):      departure.Closed,
			w.to(departure.Management, w.thing["room"].String(), ""):    departure.Unmanaged,
			w.to(departure.Webhook, w.hook.String(), ""):                departure.Stopped,
		} {
			h := line(v, what.What, what.Object)
			if h.Fate != fate || !h.May || len(h.People) == 0 {
				t.Errorf("%v: %+v", what, h)
			}
		}
		if len(v.Holdings) != 11 {
			t.Errorf("%d lines", len(v.Holdings))
		}
		tasks, dates := line(v, departure.Work, "task"), line(v, departure.Work, "appointment")
		if tasks.Items != 40 || dates.Items != 25 || tasks.People[0].Function != "physician" || !tasks.People[0].SameFunction || !tasks.People[0].SameSite {
			t.Errorf("%+v", tasks.People)
		}
		if slices.ContainsFunc(dates.People, func(r departure.Receiver) bool { return r.Function == "secretary" }) {
			t.Error("a secretary is proposed for appointments")
		}
		want := departure.Ends{Roles: 3, Levels: 2, Groups: 1, Given: 1, Received: 1, Tokens: 1, Invitations: 1, Drafts: 1}
		if v.Ends != want {
			t.Errorf("%+v, want %+v", v.Ends, want)
		}
		found, err := w.d.Propose(w.Context(), w.as("claire"), w.a, w.id["paul"], departure.Work, "task", "lise")
		if err != nil || len(found.People) != 1 || found.People[0].Member != w.id["lise"] {
			t.Errorf("%+v %v", found, err)
		}
		_, err = w.d.Propose(w.Context(), w.as("claire"), w.a, w.id["paul"], departure.Work, "patient", "")
		w.Want("not held", err, departure.ErrNotHeld)
	})
}

// OFF-2, AUZ-05: who may decide of it, and how.
func TestWhoMayStart(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state()
		ok := order("paul", w.succeeds())
		stale := w.as("claire")
		stale.StepUp = time.Time{}
		_, err := w.d.Start(w.Context(), stale, w.a, w.id["paul"], ok)
		w.Want("no fresh proof", err, access.ErrStepUp)
		for _, by := range []string{"julie", "weber"} {
			_, err = w.start(by, ok)
			w.Want(by, err, access.ErrForbidden)
		}
		_, err = w.start("tina", ok)
		w.Want("an administrator of another site (AUZ-06)", err, member.ErrNotFound)
		_, err = w.start("paul", ok)
		w.Want("oneself", err, member.ErrYourself)
		_, err = w.d.Start(w.Context(), w.as("odile"), w.a, w.id["paul"], ok)
		w.Want("another organisation (AUZ-01)", err, access.ErrNotFound)
		_, err = w.d.Start(w.Context(), w.as("odile"), w.b, w.id["paul"], ok)
		w.Want("in their own", err, member.ErrNotFound)
		w.Exec(`insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from)
			values ($1, 'gnt_x', $2, 'members.delete', $3, $3, $4, 'test', $4)`, w.a, w.id["julie"], w.site["nord"], w.DB.Now())
		w.Exec(`insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from)
			values ($1, 'gnt_y', $2, 'members.read', $3, $3, $4, 'test', $4)`, w.a, w.id["julie"], w.site["nord"], w.DB.Now())
		_, err = w.start("julie", ok)
		w.Want("one who may delete, but administers less", err, member.ErrMorePowerful)
		for typed, why := range map[string]string{
			"": "empty", strings.ToUpper(full("paul")): "capitals", strings.Replace(full("paul"), "-", " ", 1): "no hyphen",
			strings.Replace(full("paul"), "è", "e", 1): "no accent", full("paul") + " ": "a space",
		} {
			o := ok
			o.FullName = typed
			_, err = w.start("claire", o)
			w.Wrong(why, err, "full_name departure.name")
		}
		if w.state() != before || w.trail("departure.start") != 0 || w.jobs("departure.work") != 0 {
			t.Error("something was done")
		}
		o := ok
		o.FullName = strings.ReplaceAll(full("paul"), "’", "'")
		_, err = w.start("claire", o)
		w.Must(err)
	})
}

// ORG-4, AUZ-12: nobody leaves a site or the organisation without an administrator who can sign in;
// the successor is named in the same act.
func TestSuccessor(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state()
		_, err := w.start("claire", order("paul"))
		w.Want("without a successor", err, member.ErrLastAdministrator)
		_, err = w.start("claire", departure.Order{FullName: full("paul"), Day: "2099-01-01"})
		w.Wrong("beyond a year", err, "day departure.day_far")
		_, err = w.start("claire", departure.Order{FullName: full("paul"), Day: w.inDays(3)})
		w.Want("planned without a successor", err, member.ErrLastAdministrator)
		nord := w.site["nord"].String()
		_, err = w.start("claire", order("paul", w.to(departure.Administration, nord, "marc")))
		w.Wrong("not of the site", err, "reassignments[0].to member.not_of_site")
		w.Exec(`update credential set removed_at = $2 where account_id = $1`, w.account["lise"], w.DB.Now())
		_, err = w.start("claire", order("paul", w.to(departure.Administration, nord, "lise")))
		w.Wrong("who cannot sign in", err, "reassignments[0].to member.no_sign_in")
		_, err = w.start("claire", order("paul", w.to(departure.Administration, nord, "paul")))
		w.Wrong("themself", err, "reassignments[0].to workitem.receiver_self")
		_, err = w.start("claire", order("paul", w.succeeds(), w.to(departure.Administration, "organization", "julie")))
		w.Wrong("what others administer too", err, "reassignments[1].what departure.not_held")
		w.Want("leaving by oneself", w.d.Leave(w.Context(), w.as("paul"), w.a), member.ErrLastAdministrator)
		if v, err := w.d.PreviewOwn(w.Context(), w.as("paul"), w.a); err != nil || v.Blocked != "member.last_administrator" || v.May.Start {
			t.Errorf("%+v %v", v, err)
		}
		if w.state() != before {
			t.Error("something was done")
		}
		_, err = w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
			list, err := member.Administrators(w.Context(), tx, access.SiteScope(w.a, w.site["nord"]))
			if !slices.ContainsFunc(list, func(m member.Member) bool { return m.ID == w.id["julie"] }) {
				t.Error("julie does not administer nord")
			}
			return err
		}))
	})
}

func (w *world) inDays(n int) string {
	return w.DB.Now().In(paris()).AddDate(0, 0, n).Format(time.DateOnly)
}

func paris() *time.Location {
	at, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return at
}

// Each receiver is judged, one refusal for each, and nothing is half done.
func TestReceivers(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state()
		agenda, room, hook := w.thing["agenda1"].String(), w.thing["room"].String(), w.hook.String()
		_, err := w.start("claire", order("paul", w.succeeds(),
			w.to(departure.Work, "task", "marc"), w.to(departure.Work, "appointment", "julie"), w.to(departure.Resource, agenda, "julie"),
			w.to(departure.Management, room, "odile"), w.to(departure.Webhook, hook, "weber"), w.to(departure.Work, "patient", "weber"),
			w.to(departure.Work, "task", "lise"), w.to(departure.What("x"), "y", "lise"),
		))
		w.Wrong("each", err, "reassignments[1].to workitem.receiver_site", "reassignments[2].to workitem.receiver_practitioner",
			"reassignments[3].to resource.receiver", "reassignments[4].to member.not_found", "reassignments[5].to departure.no_answer",
			"reassignments[6].what departure.not_held", "reassignments[7].what departure.twice", "reassignments[8].what departure.not_held")
		w.Exec(`update member_state set status = 'deactivated' where member_id = $1`, w.id["weber"])
		_, err = w.start("claire", order("paul", w.succeeds(), w.to(departure.Resource, agenda, "weber")))
		w.Wrong("deactivated", err, "reassignments[1].to workitem.receiver_not_in_force")
		_, err = w.start("claire", order("paul", make([]departure.Choice, departure.MaxChoices+1)...))
		w.Wrong("too many", err, "reassignments departure.too_many")
		if w.state() != before || w.trail("member.appoint") != 0 {
			t.Error("something was done")
		}
	})
}

// RGT-1: whoever may delete members, but not give rights, is told who may, and gives none.
func TestGiving(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		// bruno is made somebody who administers members alone.
		w.Exec(`delete from member_role where member_id = $1`, w.id["bruno"])
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			var list []member.GivenPermission
			for _, p := range access.Administration {
				if p != access.RightsEdit {
					list = append(list, member.GivenPermission{Permission: p, Scope: access.OrgScope(w.a)})
				}
			}
			return member.Give(ctx, tx, member.Gift{Org: w.a, Member: w.id["bruno"], Permissions: list, By: "test"})
		})
		w.Exec(`delete from member_role where member_id = $1`, w.id["paul"])
		w.Exec(`delete from member_permission where member_id = $1`, w.id["paul"])
		v := w.view("bruno")
		h := line(v, departure.Resource, w.thing["agenda1"].String())
		if h.May || len(h.People) > 0 || !slices.Contains(h.Who, full("claire")) {
			t.Errorf("%+v", h)
		}
		if h := line(v, departure.Work, "task"); !h.May {
			t.Errorf("%+v", h)
		}
		_, err := w.start("bruno", order("paul", w.to(departure.Resource, w.thing["agenda1"].String(), "weber")))
		w.Wrong("an agenda", err, "reassignments[0].to access.forbidden")
		_, err = w.start("bruno", order("paul", w.to(departure.Management, w.thing["room"].String(), "weber")))
		w.Wrong("its management", err, "reassignments[0].to access.forbidden")
		_, err = w.start("bruno", order("paul", w.to(departure.Work, "task", "lise")))
		w.Must(err)
	})
}

// AUZ-11: nothing is left in the same transaction; sessions and tokens open nothing at the next
// request (SES-01), and the report stands in the trail.
func TestNothingLeft(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		session := w.as("paul")
		w.Must(w.holds(session))
		d, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.Want("a session", w.holds(session), access.ErrNotFound)
		w.Want("a token", w.holds(access.Actor{Kind: access.OrgToken, Token: w.token, Org: w.a, Account: w.account["paul"]}), access.ErrNotFound)
		for what, query := range map[string]string{
			"roles":       `select count(*) from member_role where member_id = $1 and known_until is null`,
			"permissions": `select count(*) from member_permission where member_id = $1 and known_until is null`,
			"sites":       `select count(*) from member_site where member_id = $1 and known_until is null`,
			"levels":      `select count(*) from access_grant where member_id = $1 and known_until is null`,
			"groups":      `select count(*) from record_group_member where member_id = $1 and known_until is null`,
			"received":    `select count(*) from delegation where member_id = $1 and known_until is null`,
			"given": `select count(*) from delegation d join resource_state r on r.resource_id = d.identity_id and r.known_until is null
				where r.holder_id = $1 and d.known_until is null`,
			"member state": `select count(*) from member_state where member_id = $1 and known_until is null and status <> 'left'`,
		} {
			if n := w.Count(query, w.id["paul"]); n != 0 {
				t.Errorf("%d %s left", n, what)
			}
		}
		for what, query := range map[string]string{
			"tokens":    `select count(*) from token where created_by = $1 and revoked_at is null`,
			"endpoints": `select count(*) from webhook where owner = $1 and status = 'active'`,
			"drafts":    `select count(*) from draft where account_id = $1`,
		} {
			if n := w.Count(query, w.account["paul"]); n != 0 {
				t.Errorf("%d %s left", n, what)
			}
		}
		w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
			n, err := w.sentByPaul(tx)
			if n != 1 {
				t.Errorf("%d invitations of paul, want 1 that opens nothing", n)
			}
			return err
		}))
		if d.State != departure.Done || w.trail("departure.start") != 1 || w.trail("member.remove") != 1 {
			t.Errorf("%+v", d)
		}
		if w.jobs("letter.departure_done") != 1 || w.jobs("departure.work") != 1 {
			t.Error("nobody is told")
		}
		_, err = w.start("claire", order("paul"))
		w.Want("again", err, member.ErrNotFound)
	})
}

// holds reports whether somebody may do anything in the organisation.
func (w *world) holds(by access.Actor) error {
	return w.DB.Read(w.Context(), func(tx *store.Tx) error {
		_, err := access.HeldBy(w.Context(), tx, by, w.a)
		return err
	})
}

// Whoever waits for an authorisation is decided of as they were read (INV-16); who was only created
// leaves too, and their invitation with them.
func TestOtherStates(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.Exec(`update member_state set status = 'pending_approval' where member_id = $1`, w.id["lise"])
		_, err := w.d.Start(w.Context(), w.as("claire"), w.a, w.id["lise"], order("lise"))
		w.Want("waits", err, member.ErrNotActive)
		w.Exec(`update member_state set status = 'deactivated' where member_id = $1`, w.id["anne"])
		_, err = w.d.Start(w.Context(), w.as("claire"), w.a, w.id["anne"], order("anne"))
		w.Must(err)
		_, err = w.d.Undo(w.Context(), w.as("claire"), w.a, w.id["anne"], departure.AnyVersion)
		w.Must(err)
		if w.Count(`select count(*) from member_state where member_id = $1 and known_until is null and status = 'deactivated'`, w.id["anne"]) != 1 {
			t.Error("who was deactivated comes back deactivated")
		}
	})
}
