package web

import (
	"net/http"
	"strings"

	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/nomenclature"
	"habilis/internal/web/ui"
)

var platformDossierRoutes = []route{
	{"GET /platform/dossiers", signed, (*visit).queue},
	{"GET /platform/dossiers/{id}/{dossier}", signed, (*visit).examine},
	{"POST /platform/dossiers/{id}/{dossier}", signed, (*visit).rule},
}

// pathQueue is where support examines the files of all organisations (VER-4).
const pathQueue = "/platform/dossiers"

// queueView is support's queue.
type queueView struct {
	Lines []queueLine
}

// queueLine is one file that waits.
type queueLine struct {
	ui.ItemProps

	Chip ui.ChipProps
}

func (v *visit) queue() error {
	all, err := v.s.Dossiers.Queue(v.Context(), v.by)
	if err != nil {
		return v.offPlatform(err)
	}
	view := queueView{}
	for i := range all {
		s := &all[i]
		facts := []string{s.OrgName}
		if p, ok := nomenclature.Profession(s.Profession); ok {
			facts = append([]string{p.Label}, facts...)
		}
		if s.CompletedAt != nil {
			facts = append(facts, v.t.T("dossier.since", "Date", v.t.Date(*s.CompletedAt)))
		}
		if s.MailboxProvedAt != nil {
			facts = append(facts, v.t.T("dossier.queue_mailbox"))
		}
		view.Lines = append(view.Lines, queueLine{
			ItemProps: ui.ItemProps{
				Icon: ui.IconIdentificationCard, Title: s.Name, Detail: strings.Join(facts, " · "), Href: queuePath(s.Org, s.ID), Strong: true,
			},
			Chip: v.verificationChip(s.State),
		})
	}
	p, err := v.platformFrame(v.t.T("dossier.queue"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, QueuePage(p, view))
}

func queuePath(org ident.Org, id ident.Dossier) string {
	return pathQueue + "/" + org.String() + "/" + id.String()
}

// examined reads the file that the address names, for support.
func (v *visit) examined() (dossier.File, error) {
	org, err := ident.ParseOrg(v.PathValue("id"))
	if err != nil {
		return dossier.File{}, errPage
	}
	id, err := v.fileID()
	if err != nil {
		return dossier.File{}, err
	}
	f, err := v.s.Dossiers.Examine(v.Context(), v.by, org, id)
	if err != nil {
		return f, v.offPlatform(err)
	}
	return f, nil
}

// ruleView is the form of support's decision.
type ruleView struct {
	told

	Action, Org, Seen string
	May               bool
	Lacking           bool // a paper is missing: to validate is not the first thing to press
	Reason            ui.TextareaProps
	Proof             *ui.StepUpProps
}

func (v *visit) examine() error {
	f, err := v.examined()
	if err != nil {
		return err
	}
	return v.askRule(f, nil)
}

// askRule shows a file to support; after a refusal, with what to do about it.
func (v *visit) askRule(f dossier.File, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return v.offPlatform(err)
	}
	p, err := v.platformFrame(v.t.T("dossier.title", "Name", f.Member.Name()))
	if err != nil {
		return err
	}
	view := v.dossierView(f)
	view.Base, view.Crumb, view.Back = queuePath(f.Org, f.ID), v.t.T("dossier.queue"), pathQueue
	view.Papers = v.papersView(f.Documents, f.Missing, papersAt{Base: view.Base + "/documents"})
	view.Decision = &ruleView{
		told: said, Action: view.Base, Org: f.OrgName, Seen: f.Seen, May: f.May.Rule, Lacking: len(f.Missing) > 0,
		Reason: ui.TextareaProps{
			Name: fieldReason, Label: v.t.T("dossier.rule_reason"), Hint: v.t.T("dossier.rule_reason_hint"), Rows: 2,
			MaxLength: dossier.MaxReason, Optional: true, Value: v.PostFormValue(fieldReason), Error: said.Errors[fieldReason],
		},
		Proof: v.proof(v.t.T("dossier.rule_proof"), said.Errors),
	}
	p.Error = refusal != nil
	return v.show(status, DossierPage(p, view))
}

func (v *visit) rule() error {
	f, err := v.examined()
	if err != nil {
		return err
	}
	r := dossier.Rule{
		Decision: dossier.Ruling(v.PostFormValue("decision")), Reason: v.PostFormValue(fieldReason), Seen: v.PostFormValue(fieldSeen),
	}
	if err = v.provePlatform(); err == nil {
		_, err = v.s.Dossiers.Rule(v.Context(), v.by, f.Org, f.Member.ID, r)
	}
	if err != nil {
		return v.askRule(f, err)
	}
	v.flash(ui.ToneOK, v.t.T("dossier.ruled_"+string(r.Decision), "Name", f.Member.Name()))
	return v.to(pathQueue)
}
