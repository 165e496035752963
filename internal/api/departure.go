package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// Departure is one departure of a member.
type Departure struct {
	ID        string     `json:"id" example:"dep_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Member    string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name      string     `json:"name" doc:"As it was; it stays." example:"Paul Garnier"`
	Kind      string     `json:"kind" enum:"decided,self" doc:"self: the member left by themself."`
	State     string     `json:"state" enum:"planned,cancelled,done,undone,erased"`
	Day       string     `json:"day" doc:"The last day of a planned one, in metropolitan France; empty: at once." example:"2026-11-30"`
	EndsAt    time.Time  `json:"ends_at" doc:"When access ends, or ended."`
	DecidedBy string     `json:"decided_by" doc:"Name of who did last." example:"Claire Morvan"`
	DecidedAt time.Time  `json:"decided_at"`
	HeldBy    string     `json:"held_by" doc:"The rule that refused a plan on its day: it waits for somebody to start it, plan it again, or give it up. Empty: nothing did." example:"departure.decider"` //nolint:lll // a tag is one literal
	Finished  bool       `json:"finished" doc:"The work that follows is all done."`
	Waiting   int64      `json:"waiting" doc:"Things that wait for another receiver: handOverLate gives them."`
	UndoUntil *time.Time `json:"undo_until" doc:"Of one that is done: until when it can be undone; then what is hidden is erased."`
	UndoneBy  string     `json:"undone_by"`
	UndoneAt  *time.Time `json:"undone_at"`
	Into      string     `json:"into" doc:"The member who took the place, with all that this one had (getReplacement); empty: nobody did." example:"mbr_019aa0f2-11c4-7d1a-9f27-04b1c3a5d6e7"` //nolint:lll // a tag is one literal
	Version   int64      `json:"version" doc:"The number in the ETag."`
}

func departureOf(d departure.Departure) Departure {
	return Departure{
		ID: d.ID.String(), Member: d.Member.String(), Name: d.Name, Kind: string(d.Kind), State: string(d.State), Day: d.Day,
		EndsAt: d.EndsAt.UTC(), DecidedBy: d.By, DecidedAt: d.At.UTC(), HeldBy: d.Refused, Finished: d.Finished, Waiting: d.Waiting,
		UndoUntil: moment(d.UndoTill), UndoneBy: d.UndoneBy, UndoneAt: moment(d.UndoneAt), Into: d.Into.String(), Version: d.Version,
	}
}

// PlannedDeparture is the second fact of a member whose departure is planned.
type PlannedDeparture struct {
	Day       string `json:"day" format:"date" doc:"The last day, by the calendar of metropolitan France." example:"2026-11-30"`
	ToConfirm bool   `json:"to_confirm" doc:"The day is over, and a rule refused it: somebody must start it, plan it again or give it up."`
}

func plannedDeparture(p *member.PlannedDeparture) *PlannedDeparture {
	if p == nil {
		return nil
	}
	return &PlannedDeparture{Day: p.Day, ToConfirm: p.Confirm}
}

// DepartureView is everything about a departure: before it, while it is planned, and after it.
type DepartureView struct {
	Member      string             `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	FullName    string             `json:"full_name" doc:"To be sent back exactly, to start." example:"Paul Garnier"`
	Departure   *Departure         `json:"departure" doc:"The one that is planned or done, or the last one undone; null: none."`
	Holds       []DepartureHolding `json:"holds" doc:"What somebody else may take over, or took over."`
	Ends        DepartureEnds      `json:"ends" doc:"What ends with the membership: counted before it."`
	Steps       []DepartureStep    `json:"steps" doc:"What was done, the latest first."`
	Stays       []DepartureStay    `json:"stays" doc:"Of one that was undone: what did not come back."`
	May         DepartureMay       `json:"may" doc:"What you may do."`
	RefusedBy   string             `json:"refused_by" doc:"Code of what refuses to start it; empty: nothing does."`
	NotUndoable string             `json:"not_undoable" doc:"Code of why it cannot be undone, or empty." example:"departure.too_late"`
}

// DepartureHolding is something that the member holds, and that another may take over.
type DepartureHolding struct {
	What      string          `json:"what" enum:"administration,work,resource,management,webhook" doc:"administration: of a scope that nobody else keeps; work: open work items of a kind; resource: an agenda, messaging profile or identity of theirs; management: of one that they alone manage; webhook: a receiver of events that they answer for."` //nolint:lll // a tag is one literal
	Object    string          `json:"object" doc:"organization, the ID of a site, resource or webhook, or the kind of items." example:"task"`
	Name      string          `json:"name"`
	Site      string          `json:"site" doc:"Name of the site of a resource."`
	Items     int64           `json:"items" doc:"Of work: how many, those that are hidden included."`
	Late      int64           `json:"late" doc:"Of work: how many are late."`
	Without   string          `json:"without" enum:"deleted,detached,kept,closed,unmanaged,stopped,required" doc:"What becomes of it when nobody takes it over. deleted: hidden for 30 days, then gone; required: somebody must be named."` //nolint:lll // a tag is one literal
	May       bool            `json:"may" doc:"You may say who takes it over."`
	WhoMay    []string        `json:"who_may" doc:"Else the names of some of those who may."`
	Receivers []NamedReceiver `json:"receivers" doc:"Who may take it over, the likeliest first. 20 at most."`
	To        string          `json:"to" doc:"Who was chosen; empty: nobody." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	State     string          `json:"state" enum:",chosen,given,waiting,left" doc:"waiting: who was chosen can no longer receive."`
	Why       string          `json:"why" doc:"Code of why it waits." example:"workitem.receiver_not_in_force"`
	Moved     int64           `json:"moved" doc:"How much was given."`
}

// DepartureEnds counts what ends with a membership, and nobody takes over.
type DepartureEnds struct {
	Roles       int64 `json:"roles" doc:"And single permissions."`
	Levels      int64 `json:"levels"`
	Groups      int64 `json:"access_groups"`
	Given       int64 `json:"delegations_given"`
	Received    int64 `json:"delegations_received"`
	Tokens      int64 `json:"tokens" doc:"Made for the organisation: revoked."`
	Invitations int64 `json:"invitations" doc:"Sent by the member: they open nothing any more, until somebody sends them again."`
	Drafts      int64 `json:"drafts"`
}

// DepartureStep is one recorded part of the work.
type DepartureStep struct {
	No     int64     `json:"no"`
	Stage  string    `json:"stage" enum:"access,work,resources,managers,remains,finished,back,back_work,restored,erase"`
	What   string    `json:"what" doc:"As in holds; empty: the whole stage."`
	Object string    `json:"object"`
	ToName string    `json:"to_name"`
	Items  int64     `json:"items" doc:"How much was done."`
	Left   int64     `json:"left"`
	Code   string    `json:"code" doc:"Why nothing was done; empty: it was."`
	At     time.Time `json:"at"`
}

// DepartureStay is something that an undoing left as it was.
type DepartureStay struct {
	What  string `json:"what" doc:"role, permission, site, level, delegation, group_member; or as in holds."`
	Name  string `json:"name"`
	Code  string `json:"code" enum:"changed,member_gone,object_gone,now_theirs,not_at_site,site_in_use,over,names_gone,stopped,appointed,name_taken,made_again"` //nolint:lll // a tag is one literal
	Count int64  `json:"count"`
}

// DepartureMay is what the caller may do.
type DepartureMay struct {
	Start    bool `json:"start" doc:"Or plan, or change the plan."`
	Cancel   bool `json:"cancel"`
	HandOver bool `json:"hand_over" doc:"What waits, or what is hidden."`
	Undo     bool `json:"undo"`
}

// DepartureChoice gives one thing to somebody.
type DepartureChoice struct {
	What   string `json:"what" enum:"administration,work,resource,management,webhook"`
	Object string `json:"object" maxLength:"100" doc:"As in holds." example:"task"`
	To     string `json:"to" maxLength:"60" doc:"A member's ID." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

// GoneMember is somebody who left in the last 30 days.
type GoneMember struct {
	Departure

	Function string   `json:"function" example:"physician"`
	Sites    []string `json:"sites" doc:"Names of the sites that they belonged to, as the caller may know of."`
	MayOpen  bool     `json:"may_open" doc:"The caller may read the departure."`
}

type startDepartureInput struct {
	InMember
	Versioned

	Body struct {
		FullName      string            `json:"full_name" maxLength:"400" doc:"As full_name of getDeparture has it." example:"Paul Garnier"`
		Day           string            `json:"day,omitempty" maxLength:"10" doc:"The last day, by the calendar of metropolitan France; left out: access ends now." example:"2026-11-30"` //nolint:lll // a tag is one literal
		Reassignments []DepartureChoice `json:"reassignments,omitempty" maxItems:"500" doc:"What is left out has its fate (without)."`
	}
}

type handDepartureInput struct {
	InMember

	Body struct {
		Reassignments []DepartureChoice `json:"reassignments" minItems:"1" maxItems:"500"`
	}
}

type goneInput struct {
	InOrg
	Paged

	Search string `query:"q" maxLength:"200" doc:"Part of the name."`
}

const needsDelete = " Needs members.delete in the organisation, or at every site of the member; nobody decides of " +
	"somebody whose administration " +
	"is not within their own."

func (s *Server) aboutDepartures(d *door) {
	const path = "/organizations/{org}/members/{mbr}/departure"
	const gives = " Agendas, messaging profiles, identities and their management are given by who holds rights.edit there, " +
		"administration by who " +
		"holds it there."
	problems := []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity}
	add(d, route{
		id: "getDeparture", method: http.MethodGet, path: path, tag: tagMembers, summary: "What a departure ends, and what became of it",
		about: "Before it, everything that the member holds, with who may take it over; once they left, for 30 days, what was " +
			"done, what waits for " +
			"another receiver and what is hidden." + needsDelete,
		errors: []int{http.StatusNotFound},
	}, s.getDeparture)
	add(d, route{
		id: "startDeparture", method: http.MethodPost, path: path, tag: tagMembers, summary: "Delete a member, now or on a day",
		about: "Ends all access to the organisation in one act, with everything that the member has there; then what was " +
			"handed over changes hands, " +
			"in the order of stage, told by events. With a day, it is done when that day is over, by whoever planned it, if they " +
			"still may; a plan " +
			"takes the place of the one that If-Match names. Nobody leaves a scope without its last administrator." + gives + needsDelete,
		errors: problems,
	}, s.startDeparture)
	add(d, route{
		id: "endDeparture", method: http.MethodDelete, path: path, tag: tagMembers, summary: "Cancel a planned departure, or " +
			"undo one that is done",
		about: "Undone within 30 days, the member is as they were, but for what was changed since, which stays lists; " +
			"sessions and tokens do not " +
			"come back. With If-Match, only that version: an undoing asks for it. Who left by themself is invited again." + needsDelete,
		errors: problems,
	}, s.endDeparture)
	add(d, route{
		id: "handOverLate", method: http.MethodPost, path: path + "/reassignments", tag: tagMembers, summary: "Give what " +
			"waits, or what is hidden",
		about: "Of somebody who left less than 30 days ago: what waits for another receiver, hidden tasks, detached " +
			"appointments that are to come, " +
			"closed agendas, messaging profiles and identities." + gives + needsDelete,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.handOverLate)
	add(d, route{
		id: "listDepartures", method: http.MethodGet, path: "/organizations/{org}/departures", tag: tagMembers, summary: "Who " +
			"left in the last 30 days",
		about: "The latest first. Needs members.read: of the organisation, or of the sites to which they belonged.",
	}, s.listDepartures)
}

func (s *Server) getDeparture(ctx context.Context, in *InMember) (*reply[DepartureView], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	v, err := s.Departures.Preview(ctx, in.By, org, known(ident.ParseMember, in.Member))
	if err != nil {
		return nil, err
	}
	out := &reply[DepartureView]{ETag: etag(0), Body: departureView(v)}
	if v.Departure != nil && v.Departure.State != departure.Undone {
		out.ETag = etag(v.Departure.Version)
	}
	return out, nil
}

func departureView(v departure.View) DepartureView {
	out := DepartureView{
		Member: v.Member.String(), FullName: v.Name, Holds: []DepartureHolding{}, Steps: []DepartureStep{}, Stays: []DepartureStay{},
		Ends: DepartureEnds(v.Ends), RefusedBy: v.Blocked, NotUndoable: v.NoUndo,
		May: DepartureMay{Start: v.May.Start, Cancel: v.May.Cancel, HandOver: v.May.Hand, Undo: v.May.Undo},
	}
	if v.Departure != nil {
		d := departureOf(*v.Departure)
		out.Departure = &d
	}
	for i := range v.Holdings {
		out.Holds = append(out.Holds, departureHolding(&v.Holdings[i]))
	}
	for _, s := range v.Steps {
		out.Steps = append(out.Steps, DepartureStep{
			No: s.No, Stage: string(s.Stage), What: string(s.What), Object: s.Object, ToName: s.ToName, Items: s.Items, Left: s.Left, Code: s.Code,
			At: s.At.UTC(),
		})
	}
	for _, s := range v.Stays {
		out.Stays = append(out.Stays, DepartureStay{What: s.What, Name: s.Name, Code: s.Code, Count: s.N})
	}
	return out
}

func departureHolding(h *departure.Holding) DepartureHolding {
	out := DepartureHolding{
		What: string(h.What), Object: h.Object, Name: h.Name, Site: h.SiteName, Items: h.Items, Late: h.Late, Without: string(h.Fate), May: h.May,
		WhoMay: append([]string{}, h.Who...), Receivers: []NamedReceiver{}, To: h.To.String(), State: string(h.State), Why: h.Why, Moved: h.Moved,
	}
	for _, r := range h.People {
		out.Receivers = append(out.Receivers, NamedReceiver{r.Member.String(), r.Name, r.Function})
	}
	return out
}

func choicesOf(list []DepartureChoice) []departure.Choice {
	out := make([]departure.Choice, len(list))
	for i, c := range list {
		out[i] = departure.Choice{What: departure.What(c.What), Object: c.Object, To: known(ident.ParseMember, c.To)}
	}
	return out
}

func departed(d departure.Departure, err error) (*reply[Departure], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Departure]{ETag: etag(d.Version), Body: departureOf(d)}, nil
}

func (s *Server) startDeparture(ctx context.Context, in *startDepartureInput) (*reply[Departure], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return departed(s.Departures.Start(ctx, in.By, org, known(ident.ParseMember, in.Member), departure.Order{
		FullName: in.Body.FullName, Day: in.Body.Day, Choices: choicesOf(in.Body.Reassignments), Version: version,
	}))
}

// endDeparture gives a plan up, or takes a departure back: whichever there is.
func (s *Server) endDeparture(ctx context.Context, in *memberActInput) (*reply[Departure], error) {
	return departed(onMember(ctx, s, in, s.Departures.End))
}

func (s *Server) handOverLate(ctx context.Context, in *handDepartureInput) (*reply[Departure], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return departed(s.Departures.Hand(ctx, in.By, org, known(ident.ParseMember, in.Member), choicesOf(in.Body.Reassignments)))
}

func (s *Server) listDepartures(ctx context.Context, in *goneInput) (*plainReply[List[GoneMember]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	l, err := s.Departures.Gone(ctx, in.By, org, departure.GoneQuery{Search: in.Search, Size: in.Limit, After: in.Cursor})
	if err != nil {
		return nil, err
	}
	return replied(listed(l.Rows, l.Next, l.Total, func(r departure.GoneRow) GoneMember {
		return GoneMember{Departure: departureOf(r.Departure), Function: r.Function, Sites: append([]string{}, r.Sites...), MayOpen: r.MayOpen}
	})), nil
}
