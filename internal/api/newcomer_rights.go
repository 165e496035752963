package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

type (
	levelWord   string // a level of an agenda or a messaging profile, "none" for none
	levelDomain string // "agendas" or "messaging"
	leveledID   string // the ID of an agenda or a messaging profile
)

// domains are the types on which levels are held, by their name in rest.md.
var domains = map[levelDomain]resource.Type{"agendas": resource.Agenda, "messaging": resource.MessagingProfile}

const leveledPattern = "^(agd|msg)_" + uuidPattern + "$"

// Schema lists the levels of both types.
func (levelWord) Schema(huma.Registry) *huma.Schema {
	return oneOf([]string{grant.WordNone, string(grant.Availability), string(grant.Read), string(grant.Reply), string(grant.Manage)})
}

// Schema lists the domains of levels.
func (levelDomain) Schema(huma.Registry) *huma.Schema {
	return oneOf([]levelDomain{"agendas", "messaging"})
}

// Schema tells the shape of the identifier of an agenda or a messaging profile.
func (leveledID) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: leveledPattern, Examples: []any{"agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"}}
}

// newcomerRights are the levels that somebody gets when they come in (MEM-1, MEM-9).
type newcomerRights struct {
	Changes []newcomerLevel `json:"changes,omitempty" maxItems:"2000"`
	Clone   *likeColleague  `json:"clone,omitempty" doc:"The levels of a colleague, before the changes."`
}

type newcomerLevel struct {
	Resource leveledID  `json:"resource"`
	Level    levelWord  `json:"level"`
	From     *time.Time `json:"from,omitempty" doc:"From the moment they come in, when it is left out."`
	Until    *time.Time `json:"until,omitempty" doc:"Without an end, when it is left out."`
}

type likeColleague struct {
	From    memberID      `json:"from"`
	Domains []levelDomain `json:"domains" minItems:"1" maxItems:"2"`
	Starts  *time.Time    `json:"starts_at,omitempty" doc:"No level begins before; from the moment they come in, when it is left out."`
	Ends    *time.Time    `json:"ends_at,omitempty" doc:"No level goes on after; as long as the colleague's, when it is left out."`
}

// welcome is the rights as the noun takes them.
func (r *newcomerRights) welcome() grant.Welcome {
	var w grant.Welcome
	if r == nil {
		return w
	}
	for _, c := range r.Changes {
		l, _ := grant.ParseLevel(string(c.Level))
		w.Given = append(w.Given, grant.Given{Resource: resource.ID(c.Resource), Level: l, From: c.From, Until: c.Until})
	}
	if r.Clone != nil {
		w.Like = &grant.Like{From: ident.Member(r.Clone.From), Starts: r.Clone.Starts, Ends: r.Clone.Ends}
		for _, d := range r.Clone.Domains {
			w.Like.Domains = append(w.Like.Domains, domains[d])
		}
	}
	return w
}

// GivenLevel is a level that an invitation gives.
type GivenLevel struct {
	Resource string     `json:"resource" example:"agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"`
	Level    string     `json:"level" example:"read"`
	From     *time.Time `json:"from"`
	Until    *time.Time `json:"until"`
}

func givenLevels(list []grant.Given) []GivenLevel {
	out := make([]GivenLevel, 0, len(list))
	for _, g := range list {
		out = append(out, GivenLevel{Resource: g.Resource.String(), Level: g.Level.Word(), From: g.From, Until: g.Until})
	}
	return out
}
