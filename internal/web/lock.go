package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"habilis/internal/fault"
	"habilis/internal/session"
	"habilis/internal/web/ui"
)

// Addresses of a workstation that several people use.
const (
	pathLocked = ui.PathLocked
	pathLock   = "/session/lock"
	pathChange = "/session/change"
	pathKeep   = "/session/keep"
)

var lockRoutes = []route{
	{"GET " + pathLocked, open, (*visit).lockedForm},
	{"POST " + pathLocked, open, (*visit).unlock},
	{"POST " + pathLock, signed, (*visit).lock},
	{"POST " + pathChange, open, (*visit).changePerson},
	{"POST " + pathKeep, signed, (*visit).keepSession},
}

// lockOpens are the pages that the person of a locked session may come to, as themselves:
// those that unlock it, or leave it.
var lockOpens = map[string]bool{
	"GET " + pathLocked: true, "POST " + pathLocked: true, "POST " + pathChange: true, "POST /logout": true,
	"POST " + ui.PathPasskeyStepUp: true,
}

// lockHides are the pages for strangers that would put somebody else in the place of the
// person of a locked session: «changer de personne» does, and says so.
var lockHides = map[string]bool{"GET /{$}": true, "GET /login": true, "POST /login": true, "POST /login/passkey": true}

// errLocked sends to the page that unlocks: nothing else opens (server-side, whatever the
// page that is left on the screen).
var errLocked = fault.New(fault.Unauthenticated, "session.locked")

const (
	cookieShared = "p" // this workstation is used by several people
	sharedLife   = 365 * 24 * time.Hour
)

// meetLock looks whether a cookie that opens nothing stands for a locked session, and lets
// its person come to the pages that unlock it. It reports whether they are there.
func (v *visit) meetLock(rt route) (bool, error) {
	presented := v.s.cookie(v.Request, cookieSession)
	if presented == "" {
		return false, nil
	}
	in, locked, err := v.s.Sessions.Locked(v.Context(), presented)
	switch {
	case err != nil || !locked:
		return false, err
	case lockOpens[rt.pattern]:
		v.me, v.by, v.session = in.Account, v.s.actor(v.Request, in), in.Session
		v.by.StepUp, v.isLocked = time.Time{}, true // whatever was proved before, it is asked again
		v.language(string(in.Account.Language))
		return true, nil
	case rt.guard.needsSession() || lockHides[rt.pattern]:
		v.language(string(in.Account.Language))
		return false, errLocked
	}
	return false, nil
}

// toLock goes to the page that unlocks, which comes back here.
func (v *visit) toLock() {
	next := ""
	if v.Method == http.MethodGet {
		next = v.URL.RequestURI()
	}
	http.Redirect(v.w, v.Request, withNext(pathLocked, next), http.StatusSeeOther)
}

// lockView is what the page of a locked session shows.
type lockView struct {
	Name, Next string
	Proof      *ui.StepUpProps
	Summary    []ui.FieldError
	Failure    string
}

func (v *visit) lockedForm() error {
	switch {
	case v.isLocked:
		return v.showLocked(nil)
	case v.me.ID.IsZero():
		return v.to(withNext(pathLogin, v.next("")))
	}
	return v.to(v.next(ui.PathOrganizations))
}

func (v *visit) showLocked(refusal error) error {
	view := lockView{Name: v.name(), Next: v.next("")}
	status, wrong := http.StatusOK, map[string]string(nil)
	if refusal != nil {
		status = statusOf(fault.Of(refusal))
		if wrong, view.Summary = v.fieldErrors(refusal); len(view.Summary) == 0 {
			view.Failure = v.sentence(fault.Of(refusal))
		}
	}
	view.Proof = v.proof(v.t.T("lock.why"), wrong)
	p := v.page(v.t.T("lock.title"))
	p.Person, p.Session, p.Error = nil, nil, refusal != nil
	return v.show(status, LockedPage(p, view))
}

// unlock asks for the password or a passkey: the proof gives the session another token, and
// takes the lock off (session.Renew).
func (v *visit) unlock() error {
	if !v.isLocked {
		return v.lockedForm()
	}
	if err := v.prove(); err != nil {
		if staysOnPage(fault.Of(err)) {
			return v.showLocked(err)
		}
		return err
	}
	return v.to(v.next(ui.PathOrganizations))
}

// lock locks at once: the person goes away from the workstation.
func (v *visit) lock() error {
	if err := v.s.Sessions.Lock(v.Context(), v.by); err != nil {
		return err
	}
	return v.to(withNext(pathLocked, v.next("")))
}

// changePerson ends the session here at once, and asks who comes next: nobody's name is kept.
func (v *visit) changePerson() error {
	if !v.me.ID.IsZero() {
		if err := v.s.Logins.SignOut(v.Context(), v.by); err != nil {
			return err
		}
	}
	for _, name := range []string{cookieSession, cookieHalf, cookieDevice, cookieLink} {
		v.s.setCookie(v.w, name, "", -1)
	}
	v.w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	v.flash(ui.ToneOK, v.t.T("lock.changed"))
	return v.to(pathLogin)
}

// keepSession is «Rester connecté»: that the request was made is what it asks. The answer
// says how many seconds are left.
func (v *visit) keepSession() error {
	v.w.Header().Set("Session-Left", strconv.Itoa(int(v.session.Left(v.s.now()).Seconds())))
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// keepShared remembers in this browser, for those who sign in next, that the workstation is
// shared, or forgets it.
func (v *visit) keepShared(shared bool) {
	v.shares = &shared
	if shared {
		v.s.setCookie(v.w, cookieShared, "1", sharedLife)
		return
	}
	v.s.setCookie(v.w, cookieShared, "", -1)
}

// isShared reports whether this workstation is used by several people, as its browser says.
func (v *visit) isShared() bool {
	if v.shares != nil {
		return *v.shares
	}
	return v.s.cookie(v.Request, cookieShared) != ""
}

// shareNew makes a session just opened here one of a shared workstation, when it is one.
func (v *visit) shareNew(o session.Opened) error {
	if !v.isShared() || o.Session.Shared {
		return nil
	}
	by := v.by
	by.Kind, by.Account, by.Session = "person", o.Session.Account, o.Session.ID
	return v.s.Sessions.Share(v.Context(), by, true)
}

// watch is what the page's script knows of the session: when it ends, when it is locked.
func (v *visit) watch() *ui.Session {
	if v.me.ID.IsZero() || v.session.ID.IsZero() {
		return nil
	}
	s := &ui.Session{Left: v.session.Left(v.s.now()), Keep: pathKeep, Here: v.URL.RequestURI()}
	if v.session.Shared {
		s.Lock, s.Change, s.LockNow = session.IdleShared, pathChange, pathLock
		s.Locked = pathLocked + "?next=" + url.QueryEscape(v.URL.RequestURI())
	}
	return s
}

// sharedMinutes is how long a shared workstation may be left alone, for sentences.
func sharedMinutes() time.Duration { return session.IdleShared }

// autocomplete: on a shared workstation the browser offers nobody's address to the next one.
func (view loginView) autocomplete() string {
	if view.Shared {
		return "off"
	}
	return "username"
}
