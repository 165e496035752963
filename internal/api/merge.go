package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/merge"
)

// Replacement is a member with the right RPPS who took the place of one with the wrong one.
type Replacement struct {
	OldMember    string     `json:"old_member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	NewMember    string     `json:"new_member" example:"mbr_019aa0f2-11c4-7d1a-9f27-04b1c3a5d6e7"`
	OldName      string     `json:"old_name" example:"Paul Garnier"`
	NewName      string     `json:"new_name" example:"Paul Garnier"`
	OldRPPS      string     `json:"old_rpps" doc:"Empty once the old member is erased." example:"10003456785"`
	NewRPPS      string     `json:"new_rpps" example:"10003461033"`
	ReplacedBy   string     `json:"replaced_by" doc:"Name of who did." example:"Claire Morvan"`
	ReplacedAt   time.Time  `json:"replaced_at"`
	Finished     bool       `json:"finished" doc:"Work items have passed too."`
	Undone       bool       `json:"undone"`
	UndoUntil    *time.Time `json:"undo_until"`
	Verification string     `json:"verification" enum:"not_needed,unchecked,incomplete,verified" doc:"Of the new member: what was verified was so of the other number."` //nolint:lll // a tag is one literal
	MayUndo      bool       `json:"may_undo"`
	NotUndoable  string     `json:"not_undoable" doc:"Code of why it cannot be undone, or empty." example:"merge.successor_gone"`
	Version      int64      `json:"version" doc:"The number in the ETag."`
}

func replacementOf(r merge.Replacement) Replacement {
	return Replacement{
		OldMember: r.Old.String(), NewMember: r.New.String(), OldName: r.OldName, NewName: r.NewName, OldRPPS: r.OldRPPS, NewRPPS: r.NewRPPS,
		ReplacedBy: r.By, ReplacedAt: r.At.UTC(), Finished: r.Finished, Undone: r.Undone, UndoUntil: moment(r.UndoTill),
		Verification: string(r.Verification), MayUndo: r.MayUndo, NotUndoable: r.NoUndo, Version: r.Version,
	}
}

// ReplacementPreview is what a replacement would do.
type ReplacementPreview struct {
	FullName string             `json:"full_name" doc:"To be sent back exactly, to replace." example:"Paul Garnier"`
	Fields   []ReplacementField `json:"fields" doc:"What would differ."`
	Warnings []string           `json:"warnings" doc:"What is only plausible, as text keys." example:"[\"doubt.rpps_closed\"]"`
	Passes   ReplacementPasses  `json:"passes" doc:"What the new member would have."`
	Verifies bool               `json:"verifies" doc:"The person must be verified anew, and may do nothing here until then."`
}

// ReplacementField is one field before and after.
type ReplacementField struct {
	Name   string `json:"name" example:"rpps"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// ReplacementPasses counts what passes.
type ReplacementPasses struct {
	Sites       int   `json:"sites"`
	Rights      int   `json:"rights" doc:"Roles and single permissions."`
	Levels      int   `json:"levels"`
	Delegations int   `json:"delegations" doc:"Given to the member."`
	Groups      int   `json:"access_groups"`
	Resources   int   `json:"resources" doc:"Agendas, messaging profiles and identities of theirs."`
	Items       int64 `json:"work_items"`
}

// NewNumber is the right number of a member.
type NewNumber struct {
	RPPS       string  `json:"rpps" maxLength:"40" doc:"The right number, looked up in the Annuaire Santé." example:"10003461033"`
	Activity   *string `json:"activity,omitempty" doc:"Of several activities: the chosen one's ID."`
	GivenName  string  `json:"given_name,omitempty" maxLength:"200" doc:"For a number that the directory does not know; left out: as it is."`
	FamilyName string  `json:"family_name,omitempty" maxLength:"200" doc:"The same."`
}

type previewReplacementInput struct {
	InMember

	Body NewNumber
}

type replaceInput struct {
	InMember
	Versioned

	Body struct {
		NewNumber

		FullName string `json:"full_name" maxLength:"400" doc:"As previewReplacement has it." example:"Paul Garnier"`
	}
}

const needsReplace = " Needs members.edit and members.delete in the organisation, or at every site of the member; nobody " +
	"replaces themself, nor somebody whose administration is not within their own."

func (s *Server) aboutReplacements(d *door) {
	const path = "/organizations/{org}/members/{mbr}/replacement"
	problems := []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity}
	add(d, route{
		id: "previewReplacement", method: http.MethodPost, path: path + "/preview", tag: tagMembers, summary: "What replacing a member would do",
		about:  "A saved RPPS never changes: who has the wrong one is replaced by a new member with the right one." + needsReplace,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.previewReplacement)
	add(d, route{
		id: "replaceMember", method: http.MethodPost, path: path, tag: tagMembers, summary: "Replace a member whose RPPS is wrong",
		about: "A new member with the right number has, at once, every right and resource of the old one, with its dates and by " +
			"whom it was given; work items follow. The account is the same. What was verified begins anew. A number that " +
			"somebody else has proved is refused." + needsReplace,
		status: http.StatusCreated, errors: problems,
	}, s.replaceMember)
	add(d, route{
		id: "getReplacement", method: http.MethodGet, path: path, tag: tagMembers, summary: "Who took the place of whom",
		about: "Of the old member or of the new one.", errors: []int{http.StatusNotFound},
	}, s.getReplacement)
	add(d, route{
		id: "undoReplacement", method: http.MethodDelete, path: path, tag: tagMembers, summary: "Undo a replacement",
		about: "Of the old member, within 30 days: they have what the new one has by then, with their own number. If-Match " +
			"names the version of the replacement." + needsReplace,
		errors: problems,
	}, s.undoReplacement)
}

// renumbered looks a new number up; one that is no number is left for the act to refuse.
func (s *Server) renumbered(ctx context.Context, by access.Actor, n NewNumber) (member.Renumbered, error) {
	out := member.Renumbered{RPPS: n.RPPS, GivenName: n.GivenName, FamilyName: n.FamilyName}
	rpps, wrong := identifier.ParseRPPS(n.RPPS)
	if wrong != nil {
		return out, nil //nolint:nilerr // the act says it at its field
	}
	var err error
	var found *directory.Import
	found, err = s.published(ctx, by, rpps, n.Activity)
	out.RPPS, out.Import = string(rpps), found
	return out, err
}

func (s *Server) previewReplacement(ctx context.Context, in *previewReplacementInput) (*plainReply[ReplacementPreview], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	id := known(ident.ParseMember, in.Member)
	as, err := s.renumbered(ctx, in.By, in.Body)
	if err != nil {
		return nil, err
	}
	f, err := s.Replacements.Preview(ctx, in.By, org, id, merge.Order{Renumbered: as})
	if err != nil {
		return nil, err
	}
	out := ReplacementPreview{
		FullName: f.Before.Name(), Fields: []ReplacementField{}, Warnings: append([]string{}, f.Warnings...), Verifies: f.Verifies,
		Passes: ReplacementPasses(f.Passes),
	}
	for _, x := range f.Fields {
		out.Fields = append(out.Fields, ReplacementField(x))
	}
	return replied(out), nil
}

func (s *Server) replaceMember(ctx context.Context, in *replaceInput) (*reply[Replacement], error) {
	version, err := in.optional()
	if err != nil {
		return nil, err
	}
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	o := merge.Order{FullName: in.Body.FullName, Version: version}
	if o.Renumbered, err = s.renumbered(ctx, in.By, in.Body.NewNumber); err != nil {
		return nil, err
	}
	return replaced(s.Replacements.Replace(ctx, in.By, org, known(ident.ParseMember, in.Member), o))
}

func (s *Server) getReplacement(ctx context.Context, in *InMember) (*reply[Replacement], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	return replaced(s.Replacements.Get(ctx, in.By, org, known(ident.ParseMember, in.Member)))
}

func (s *Server) undoReplacement(ctx context.Context, in *memberActInput) (*reply[Replacement], error) {
	return replaced(onMember(ctx, s, in, s.Replacements.Undo))
}

func replaced(r merge.Replacement, err error) (*reply[Replacement], error) {
	if err != nil {
		return nil, err
	}
	return &reply[Replacement]{ETag: etag(r.Version), Body: replacementOf(r)}, nil
}
