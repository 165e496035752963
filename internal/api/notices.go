package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/ident"
	"habilis/internal/preference"
)

// noticeID is the identifier of a notice.
type noticeID string

// Schema tells its shape.
func (noticeID) Schema(huma.Registry) *huma.Schema {
	return idSchema("ntc", "ntc_019aa0f8-1b7c-7d05-9a3e-60f2c41d8b57")
}

// Notice is something that the caller was told in Habilis.
type Notice struct {
	ID      string     `json:"id" example:"ntc_019aa0f8-1b7c-7d05-9a3e-60f2c41d8b57"`
	Alert   alertCode  `json:"alert"`
	What    string     `json:"what" doc:"What happened." example:"work_received"`
	Text    string     `json:"text" doc:"The same, in the caller's language."`
	Count   int64      `json:"count"`
	Subject *string    `json:"subject" doc:"The member whom it is about; null for nobody, or for somebody whom the caller may not know."`
	Day     *time.Time `json:"day"`
	At      time.Time  `json:"at"`
	ReadAt  *time.Time `json:"read_at" doc:"Null: not read."`
}

// Notices is a page of them, the latest first.
type Notices struct {
	List[Notice]

	Unread int64 `json:"unread" doc:"How many are not read, on all pages."`
}

type noticesInput struct {
	InMyName
	Paged

	Unread bool `query:"unread" doc:"Only those that are not read."`
}

type readNoticesInput struct {
	Caller

	Body readNotices
}

type readNotices struct {
	Organization string     `json:"organization" doc:"The organisation: its ID or its slug." example:"tilleuls"`
	Notices      []noticeID `json:"notices,omitempty" maxItems:"100" doc:"All of them by default."`
}

func (s *Server) aboutNotices(d *door) {
	const path = "/me/notices"
	add(d, route{
		id: "listMyNotices", method: http.MethodGet, path: path, tag: tagMe, summary: "My notices",
		about:  "What the alerts of one organisation left the caller; they are kept for 90 days.",
		errors: []int{http.StatusNotFound},
	}, s.listMyNotices)
	add(d, route{
		id: "readMyNotices", method: http.MethodPost, path: path + "/read", tag: tagMe, summary: "Mark my notices as read",
		about: "These, or all of one organisation.", status: http.StatusNoContent, errors: []int{http.StatusNotFound},
	}, s.readMyNotices)
}

func (c *call) notice(ctx context.Context, n preference.Notice) Notice {
	t := c.words(ctx)
	out := Notice{
		ID: n.ID.String(), Alert: alertCode(n.Alert), What: string(n.What), Text: preference.Say(t, n), Count: n.Count,
		Subject: optionalID(n.Subject), At: n.At.UTC(),
	}
	for to, at := range map[**time.Time]time.Time{&out.Day: n.Day, &out.ReadAt: n.ReadAt} {
		if !at.IsZero() {
			utc := at.UTC()
			*to = &utc
		}
	}
	return out
}

func (s *Server) listMyNotices(ctx context.Context, in *noticesInput) (*plainReply[Notices], error) {
	org, err := s.org(ctx, in.where())
	if err != nil {
		return nil, err
	}
	page, err := s.Preferences.Notices(ctx, in.By, org, preference.NoticeQuery{Unread: in.Unread, Size: in.Limit, After: in.Cursor})
	if err != nil {
		return nil, err
	}
	say := func(n preference.Notice) Notice { return in.call.notice(ctx, n) }
	return replied(Notices{listed(page.Notices, page.Next, page.Total, say), page.Unread}), nil
}

func (s *Server) readMyNotices(ctx context.Context, in *readNoticesInput) (*nothing, error) {
	org, err := s.org(ctx, InOrg{Caller: in.Caller, Org: in.Body.Organization})
	if err != nil {
		return nil, err
	}
	var ids []ident.Notice // left out: all of them; none: none
	if in.Body.Notices != nil {
		ids = []ident.Notice{}
	}
	for _, id := range in.Body.Notices {
		ids = append(ids, ident.Notice(id))
	}
	return nil, s.Preferences.MarkRead(ctx, in.By, org, ids)
}
