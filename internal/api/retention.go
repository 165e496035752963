package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/privacy"
	"habilis/internal/setting"
)

// Retention is how long an organisation keeps what.
type Retention struct {
	Kinds   []RetentionKind `json:"kinds"`
	Version int64           `json:"version" doc:"The number in the ETag; 0 while the defaults hold."`
}

// RetentionKind is one thing that is kept, with its bounds.
type RetentionKind struct {
	Kind    string `json:"kind" enum:"security_log,rights_audit,messages,decision_log,notices,imports,reviews" doc:"security_log: details of sign-ins and refusals in the trail; rights_audit: of all other acts. The lines stay without them, and the chain holds."` //nolint:lll // a tag is one literal
	Value   int64  `json:"value" doc:"How long it is kept." example:"12"`
	Unit    string `json:"unit" enum:"days,months"`
	Minimum int64  `json:"minimum" example:"6"`
	Maximum int64  `json:"maximum" example:"12"`
	Default int64  `json:"default" example:"12"`
}

// RetentionChange is the settings, and what changing them removes.
type RetentionChange struct {
	Retention

	DryRun bool             `json:"dry_run" doc:"Nothing was changed."`
	Goes   map[string]int64 `json:"goes" doc:"By kind: how many rows are older than these settings keep. They are removed within the hour."`
}

type retentionInput struct {
	InOrg
	Versioned

	DryRun bool `query:"dry_run" doc:"Say what it would remove, and change nothing."`
	Body   struct {
		Values map[string]int64 `json:"values" doc:"By kind, how long in its unit; what is left out stays as it is."`
	}
}

// RegisterEntry is one kind of data that is kept, and why.
type RegisterEntry struct {
	Code    string     `json:"code" doc:"What it is." example:"members"`
	Name    string     `json:"name" doc:"In the caller's language."`
	Purpose string     `json:"purpose"`
	Ground  string     `json:"ground" enum:"contract,legal,interest" doc:"Of the GDPR, article 6.1: b, c or f."`
	Source  string     `json:"source" doc:"The text on which it stands." example:"cnil_2021_122"`
	Keeper  string     `json:"keeper" enum:"organization,installation" doc:"installation: it is kept for each person's account, whatever their organisations."` //nolint:lll // a tag is one literal
	Setting string     `json:"setting" doc:"The kind of retention that decides how long; empty: it is fixed." example:"messages"`
	Keeps   int64      `json:"keeps" doc:"How long, in unit; 0: kept says it."`
	Unit    string     `json:"unit" enum:"days,months"`
	Kept    string     `json:"kept" doc:"In words: until when, and what then."`
	Rows    *int64     `json:"rows" doc:"How many there are now; null: not told to the caller."`
	Oldest  *time.Time `json:"oldest"`
}

func (s *Server) aboutRetention(d *door) {
	const path = "/organizations/{org}/retention"
	add(d, route{
		id: "getRetention", method: http.MethodGet, path: path, tag: tagPrivacy, summary: "How long an organisation keeps what",
		about: forItsOwn, errors: []int{http.StatusNotFound},
	}, s.getRetention)
	add(d, route{
		id: "editRetention", method: http.MethodPatch, path: path, tag: tagPrivacy, summary: "Change how long an organisation keeps what",
		about: "dry_run says before how many rows go. Of the trail only the details go, and only behind a signed head: the chain holds. " +
			"Needs settings.edit in the organisation, with a fresh proof from a person.",
		errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, s.editRetention)
	add(d, route{
		id: "getRegister", method: http.MethodGet, path: "/organizations/{org}/register", tag: tagPrivacy, summary: "What is kept, and why",
		about: "Each kind of data with its purpose, its ground, how long it is kept and how much of it there is. " +
			"Needs settings.edit or audit.read in the organisation.",
		errors: []int{http.StatusNotFound},
	}, s.getRegister)
	add(d, route{
		id: "getPlatformRegister", method: http.MethodGet, path: "/platform/register", tag: tagPrivacy,
		summary: "What the installation keeps, and why", about: "With how much there is in all. For the platform's administrators.",
	}, s.getPlatformRegister)
}

func retentionOf(r setting.Retention) Retention {
	out := Retention{Kinds: []RetentionKind{}, Version: r.Rev}
	for _, b := range setting.RetentionKinds {
		out.Kinds = append(out.Kinds, RetentionKind{
			Kind: string(b.Kind), Value: r.Of(b.Kind), Unit: string(b.Unit), Minimum: b.Min, Maximum: b.Max, Default: b.Default,
		})
	}
	return out
}

func (s *Server) getRetention(ctx context.Context, in *InOrg) (*reply[Retention], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	r, err := s.Retentions.Get(ctx, in.By, id)
	if err != nil {
		return nil, err
	}
	return &reply[Retention]{ETag: etag(r.Rev), Body: retentionOf(r)}, nil
}

func (s *Server) editRetention(ctx context.Context, in *retentionInput) (*reply[RetentionChange], error) {
	rev, err := in.version()
	if err != nil {
		return nil, err
	}
	id, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	next := make(map[setting.RetentionKind]int64, len(in.Body.Values))
	for k, v := range in.Body.Values {
		next[setting.RetentionKind(k)] = v
	}
	c, err := s.Retentions.Preview(ctx, in.By, id, next)
	if err != nil {
		return nil, err
	}
	if !in.DryRun {
		if c.After, err = s.Retentions.Set(ctx, in.By, id, rev, next); err != nil {
			return nil, err
		}
	}
	out := RetentionChange{Retention: retentionOf(c.After), DryRun: in.DryRun, Goes: map[string]int64{}}
	for k, n := range c.Goes {
		out.Goes[string(k)] = n
	}
	return &reply[RetentionChange]{ETag: etag(c.After.Rev), Body: out}, nil
}

func (s *Server) getRegister(ctx context.Context, in *InOrg) (*plainReply[List[RegisterEntry]], error) {
	id, err := s.org(ctx, *in)
	if err != nil {
		return nil, err
	}
	rows, err := s.Retentions.Register(ctx, in.By, id)
	return s.register(ctx, in.call, rows, err)
}

func (s *Server) getPlatformRegister(ctx context.Context, in *Caller) (*plainReply[List[RegisterEntry]], error) {
	rows, err := s.Retentions.InstallationRegister(ctx, in.By)
	return s.register(ctx, in.call, rows, err)
}

func (s *Server) register(ctx context.Context, c *call, rows []privacy.RegisterRow, err error) (*plainReply[List[RegisterEntry]], error) {
	if err != nil {
		return nil, err
	}
	t := c.words(ctx)
	return replied(listed(rows, "", int64(len(rows)), func(r privacy.RegisterRow) RegisterEntry {
		e := RegisterEntry{
			Code: r.Code, Name: t.T("register." + r.Code + ".name"), Purpose: t.T("register." + r.Code + ".purpose"),
			Ground: string(r.Ground), Source: string(r.Source), Keeper: string(r.Keeper), Setting: string(r.Setting),
			Keeps: r.Keeps, Unit: string(r.Unit), Kept: t.T("register." + r.Code + ".kept"), Oldest: moment(r.Oldest),
		}
		if r.Count >= 0 {
			e.Rows = &r.Count
		}
		return e
	})), nil
}
