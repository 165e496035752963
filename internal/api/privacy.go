package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/ident"
	"habilis/internal/privacy"
)

// DataExport is what is kept about somebody, prepared to be taken.
type DataExport struct {
	ID           string     `json:"id" example:"dex_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Organization string     `json:"organization" doc:"Whose part it is; empty: all of the installation."`
	Member       string     `json:"member" doc:"Empty of oneself." example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	State        string     `json:"state" enum:"making,ready,failed" doc:"failed: ask again."`
	Bytes        int64      `json:"bytes" doc:"Of the file, once it is ready."`
	AskedAt      time.Time  `json:"asked_at"`
	ReadyAt      *time.Time `json:"ready_at"`
	Until        *time.Time `json:"until" doc:"When the file goes: 7 days after it is ready."`
}

func dataExportOf(x privacy.DataExport) DataExport {
	return DataExport{
		ID: x.ID.String(), Organization: x.Org.String(), Member: x.Member.String(), State: string(x.State), Bytes: x.Bytes,
		AskedAt: x.AskedAt.UTC(), ReadyAt: moment(x.ReadyAt), Until: moment(x.Until),
	}
}

// DataErasure is an erasure: what it would do, or how far it is.
type DataErasure struct {
	FullName  string      `json:"full_name" doc:"To be sent back exactly. Empty once it is asked for." example:"Paul Garnier"`
	RefusedBy string      `json:"refused_by" doc:"Code of what stands in the way; empty: nothing does." example:"privacy.came_back"`
	UndoUntil *time.Time  `json:"undo_until" doc:"Until when the departure could still be undone: an erasure gives that up."`
	Rows      int64       `json:"rows" doc:"Rows of tables that are about the person, by their IDs."`
	Events    int64       `json:"events" doc:"Events of the journal whose details go; the events stay, and are proven."`
	Namesake  bool        `json:"namesake" doc:"Somebody else bears the name: where it stands without an ID, it stays."`
	Forgotten bool        `json:"forgotten" doc:"Telephone and numbers are not known any more: texts with one alone stay."`
	Named     []NamedData `json:"named" doc:"Things whose name holds the person's: it is taken out."`
	State     string      `json:"state" enum:",under_way,done,stopped" doc:"Empty: nobody asked. stopped: they came back before it was done."`
	Stage     string      `json:"stage" enum:",departure,rows,words,trail" doc:"How far it is, in this order."`
	Erased    int64       `json:"erased" doc:"Rows deleted, emptied or rewritten so far."`
	AskedAt   *time.Time  `json:"asked_at"`
	DoneAt    *time.Time  `json:"done_at"`
}

// NamedData is a thing with a person's name in its own.
type NamedData struct {
	What  string `json:"what" enum:"agenda,access_group,role" doc:"agenda: or a messaging profile, or an identity."`
	Name  string `json:"name" example:"Agenda de Paul Garnier"`
	After string `json:"after" example:"Agenda de —"`
}

// namedThings are the tables of such things, as programs name them.
var namedThings = map[string]string{"resource_state": "agenda", "record_group_state": "access_group", "role_state": "role"}

func dataErasureOf(v privacy.Preview, e *privacy.Erasure) DataErasure {
	out := DataErasure{
		FullName: v.FullName, RefusedBy: v.Refused, UndoUntil: moment(v.UndoTill), Rows: v.Rows, Events: v.Trail, Namesake: v.Namesake,
		Forgotten: v.Forgotten,
		Named:     make([]NamedData, 0, len(v.Named)),
	}
	for _, n := range v.Named {
		out.Named = append(out.Named, NamedData{What: namedThings[n.What], Name: n.Name, After: n.After})
	}
	if e == nil {
		return out
	}
	out.Erased, out.AskedAt, out.DoneAt = e.Count, moment(e.AskedAt), moment(e.DoneAt)
	if e.Stopped() { // with what asking again would do
		out.State = "stopped"
		return out
	}
	out.FullName, out.State, out.Stage = "", "under_way", e.Stage
	if e.Done() {
		out.State = "done"
	}
	return out
}

// InDataExport is the input of the route of one export of one member.
type InDataExport struct {
	InMember

	Export string `path:"dex" doc:"The export's ID." example:"dex_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

type myDataExportInput struct {
	Caller

	Export string `path:"dex" doc:"The export's ID." example:"dex_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
}

// typedName is a name, typed to confirm.
type typedName struct {
	FullName string `json:"full_name" maxLength:"400" doc:"As full_name of the preview has it." example:"Paul Garnier"`
}

type eraseMemberInput struct {
	InMember

	Body typedName
}

type eraseMeInput struct {
	Caller

	Body typedName
}

func (s *Server) aboutPrivacy(d *door) {
	const mine, member = "/me/data-export", "/organizations/{org}/members/{mbr}/data-export"
	const erasing, erasingMe = "/organizations/{org}/members/{mbr}/data-erasure", "/me/data-erasure"
	const form = " The file is a zip: data.json (schema " + privacy.CopySchema + "), the same for reading (readable.html), and the papers. " +
		"Whoever asked alone may take it, for 7 days, with a fresh proof and in person: a token may not; ten exports an hour."
	const may = " Needs members.edit and members.read over the whole member. Papers are there with dossiers.certify over the member, " +
		"questions of applications with audit.read in the whole organisation, drafts never; the file says what is left out."
	missing, refused := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	add(d, route{
		id: "exportMyData", method: http.MethodPost, path: mine, tag: tagMe, summary: "Ask for my personal data",
		about: "All that the installation keeps about the person, in every organisation, without secrets. A letter says when it is ready." +
			form, errors: []int{http.StatusConflict},
	}, s.exportMyData)
	add(d, route{
		id: "listMyDataExports", method: http.MethodGet, path: mine, tag: tagMe, summary: "My exports of personal data",
		about: "Those that are being made or kept, newest first.",
	}, s.listMyDataExports)
	add(d, route{
		id: "downloadMyData", method: http.MethodGet, path: mine + "/{dex}/file", tag: tagMe, summary: "Take my personal data",
		about: "The download is recorded." + form, errors: refused,
	}, s.downloadMyData)
	add(d, route{
		id: "getMyDataErasure", method: http.MethodGet, path: erasingMe, tag: tagMe, summary: "What erasing my account would do",
		about: "Of the account alone: what organisations keep, they erase.",
	}, s.getMyDataErasure)
	add(d, route{
		id: "eraseMyData", method: http.MethodPost, path: erasingMe, tag: tagMe, summary: "Erase my account",
		about: "For good, once the person is a member of no organisation. The account opens no more at once; all that names the person goes by " +
			"itself within minutes. Needs a fresh proof, in person (a token may not), and the name, typed.",
		errors: []int{http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.eraseMyData)
	add(d, route{
		id: "exportMemberData", method: http.MethodPost, path: member, tag: tagMembers, summary: "Ask for the personal data of a member",
		about: "What this organisation keeps about somebody who is a member, or was: its own part alone." + form + may, errors: refused,
	}, s.exportMemberData)
	add(d, route{
		id: "listMemberDataExports", method: http.MethodGet, path: member, tag: tagMembers, summary: "Exports of the personal data of a member",
		about: "Those that the caller asked for, newest first." + may, errors: missing,
	}, s.listMemberDataExports)
	add(d, route{
		id: "downloadMemberData", method: http.MethodGet, path: member + "/{dex}/file", tag: tagMembers,
		summary: "Take the personal data of a member",
		about:   "The download is recorded." + form + may, errors: refused,
	}, s.downloadMemberData)
	add(d, route{
		id: "getMemberDataErasure", method: http.MethodGet, path: erasing, tag: tagMembers, summary: "What erasing somebody who left would do",
		about: "And how far it is, once it is asked for." + needsDelete, errors: missing,
	}, s.getMemberDataErasure)
	add(d, route{
		id: "eraseMemberData", method: http.MethodPost, path: erasing, tag: tagMembers, summary: "Erase somebody who left",
		about: "For good: their departure cannot be undone any more. All that names them in this organisation goes, the details of the journal " +
			"too, by itself within minutes; IDs, rights with their dates and the chain of the journal stay. The event member.erased tells " +
			"other systems when it is done. Needs a fresh proof, in person (a token may not), and the name, typed." + needsDelete,
		errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, s.eraseMemberData)
}

func (s *Server) exportMyData(ctx context.Context, in *Caller) (*plainReply[DataExport], error) {
	x, err := s.People.ExportMine(ctx, in.By)
	return exported(x, err)
}

func exported(x privacy.DataExport, err error) (*plainReply[DataExport], error) {
	if err != nil {
		return nil, err
	}
	return replied(dataExportOf(x)), nil
}

func (s *Server) listMyDataExports(ctx context.Context, in *Caller) (*plainReply[List[DataExport]], error) {
	all, err := s.People.MyExports(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return replied(listed(all, "", int64(len(all)), dataExportOf)), nil
}

func (s *Server) downloadMyData(ctx context.Context, in *myDataExportInput) (*sheetReply, error) {
	f, err := s.People.Download(ctx, in.By, "", known(ident.ParseDataExport, in.Export))
	if err != nil {
		return nil, err
	}
	return &sheetReply{Body: s.fileBody(ctx, in.call, f)}, nil
}

func (s *Server) getMyDataErasure(ctx context.Context, in *Caller) (*plainReply[DataErasure], error) {
	v, err := s.People.PreviewAccount(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return replied(dataErasureOf(v, nil)), nil
}

func (s *Server) eraseMyData(ctx context.Context, in *eraseMeInput) (*plainReply[DataErasure], error) {
	e, err := s.People.EraseAccount(ctx, in.By, in.Body.FullName)
	if err != nil {
		return nil, err
	}
	return replied(dataErasureOf(privacy.Preview{}, &e)), nil
}

func (s *Server) exportMemberData(ctx context.Context, in *InMember) (*plainReply[DataExport], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.People.ExportMember(ctx, in.By, org, known(ident.ParseMember, in.Member))
	return exported(x, err)
}

func (s *Server) listMemberDataExports(ctx context.Context, in *InMember) (*plainReply[List[DataExport]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.People.MemberExports(ctx, in.By, org, known(ident.ParseMember, in.Member))
	if err != nil {
		return nil, err
	}
	return replied(listed(all, "", int64(len(all)), dataExportOf)), nil
}

func (s *Server) downloadMemberData(ctx context.Context, in *InDataExport) (*sheetReply, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	f, err := s.People.Download(ctx, in.By, org, known(ident.ParseDataExport, in.Export))
	if err != nil {
		return nil, err
	}
	return &sheetReply{Body: s.fileBody(ctx, in.call, f)}, nil
}

func (s *Server) getMemberDataErasure(ctx context.Context, in *InMember) (*plainReply[DataErasure], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	of := known(ident.ParseMember, in.Member)
	e, found, err := s.People.MemberErasure(ctx, in.By, org, of)
	if err != nil {
		return nil, err
	}
	if found && !e.Stopped() {
		return replied(dataErasureOf(privacy.Preview{}, &e)), nil
	}
	v, err := s.People.PreviewMember(ctx, in.By, org, of)
	if err != nil {
		return nil, err
	}
	if found {
		return replied(dataErasureOf(v, &e)), nil
	}
	return replied(dataErasureOf(v, nil)), nil
}

func (s *Server) eraseMemberData(ctx context.Context, in *eraseMemberInput) (*plainReply[DataErasure], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	e, err := s.People.EraseMember(ctx, in.By, org, known(ident.ParseMember, in.Member), in.Body.FullName)
	if err != nil {
		return nil, err
	}
	return replied(dataErasureOf(privacy.Preview{}, &e)), nil
}
