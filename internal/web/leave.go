package web

import (
	"habilis/internal/departure"
	"habilis/internal/web/ui"
	"habilis/internal/workitem"
)

var leaveRoutes = []route{
	{"GET /o/{org}/leave", leaving, (*visit).leaveForm},
	{"POST /o/{org}/leave", leaving, (*visit).leave},
}

// leaveView is the page that asks before one's own membership ends.
type leaveView struct {
	Action, Name string
	Items        []ui.ItemProps
	Blocked      string // why it may not end now, and what to do; empty: it may
	Proof        *ui.StepUpProps

	told
}

func (v *visit) leaveForm() error { return v.showLeave(nil) }

// showLeave says what happens to whoever leaves, before it does (OFF-4). It stands beside
// «Sécurité du compte» and shows no more of the organisation than its name: its policy may
// keep the person out, and never in.
func (v *visit) showLeave(refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	d, err := v.s.Departures.PreviewOwn(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	p := v.accountFrame("place.leave")
	p.Error = refusal != nil
	view := leaveView{
		Action: v.at("leave"), Name: v.org.Name, Items: v.leaveItems(d), Proof: v.proof(v.t.T("place.leave_why"), said.Errors), told: said,
	}
	if d.Blocked != "" && refusal == nil {
		view.Blocked = v.t.T("place.leave_blocked", "Org", v.org.Name)
	}
	return v.show(status, LeavePage(p, view))
}

// leaveItems say what ends, what nobody has any more to do, and what stays: in numbers, without a name.
func (v *visit) leaveItems(d departure.View) []ui.ItemProps {
	say := func(icon ui.IconName, key string, kv ...any) ui.ItemProps {
		return ui.ItemProps{Icon: icon, Title: v.t.T(key, kv...)}
	}
	list := []ui.ItemProps{say(ui.IconProhibit, "place.leave_access"), say(ui.IconKey, "place.leave_tokens")}
	held := 0
	for i := range d.Holdings {
		h := &d.Holdings[i]
		switch h.What {
		case departure.Work:
			item := say(workIcons[workitem.Kind(h.Object)], "workitem.count."+h.Object, "Count", int(h.Items))
			item.Detail = v.t.T("place.leave_fate." + string(h.Fate))
			list = append(list, item)
		case departure.Resource:
			held++
		case departure.Administration, departure.Management, departure.Webhook:
		}
	}
	if held > 0 {
		item := say(ui.IconCalendarDots, "place.leave_resources", "Count", held)
		item.Detail = v.t.T("place.leave_fate." + string(departure.Closed))
		list = append(list, item)
	}
	return append(list, say(ui.IconCheck, "place.leave_kept"), say(ui.IconEnvelopeSimple, "place.leave_back"))
}

// leave ends one's own membership (MEM-10, SEC-5).
func (v *visit) leave() error {
	err := v.prove()
	if err == nil {
		err = v.s.Departures.Leave(v.Context(), v.by, v.org.ID)
	}
	if err != nil {
		return v.showLeave(err)
	}
	v.flash(ui.ToneOK, v.t.T("place.left", "Org", v.org.Name))
	return v.to(ui.PathOrganizations)
}
