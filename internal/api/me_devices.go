package api

import (
	"context"
	"net/http"
	"time"

	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/session"
)

type deviceInput struct {
	Caller

	Device string `path:"dev" doc:"The device's ID." example:"dev_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
}

// Device is a browser that its person said to remember: the second factor is not asked there.
type Device struct {
	ID        string    `json:"id" example:"dev_019aa0f3-9e2c-7b35-b7d1-4a60c8f2e917"`
	Current   bool      `json:"current" doc:"The session that asks was opened in it."`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
	ExpiresAt time.Time `json:"expires_at"`
	Address   string    `json:"address" doc:"Where it was remembered from." example:"192.0.2.10"`
	UserAgent string    `json:"user_agent" doc:"What the browser says it is."`
}

// SignIn is one sign-in to the account, or one refusal.
type SignIn struct {
	At        time.Time `json:"at"`
	Verb      string    `json:"verb" example:"login.sign_in"`
	Outcome   string    `json:"outcome" enum:"done,refused"`
	Code      string    `json:"code" doc:"Of a refusal: the rule that refused." example:"login.refused"`
	Address   string    `json:"address" doc:"Network address of whoever tried." example:"192.0.2.10"`
	UserAgent string    `json:"user_agent" doc:"What the browser says it is; empty when it is not known."`
}

func (s *Server) aboutMyDevices(d *door) {
	add(d, route{
		id: "listMyDevices", method: http.MethodGet, path: "/me/devices", tag: tagMe, summary: "My remembered devices",
		about: "The browsers where the second factor is not asked, the one used last first.",
	}, s.listDevices)
	add(d, route{
		id: "forgetMyDevice", method: http.MethodDelete, path: "/me/devices/{dev}", tag: tagMe, summary: "Forget a device",
		about: "The second factor is asked there again.", errors: []int{http.StatusNotFound},
	}, s.forgetDevice)
	add(d, route{
		id: "listMySignIns", method: http.MethodGet, path: "/me/sign-ins", tag: tagMe, summary: "My last sign-ins",
		about: "The last 50 sign-ins to the account and refusals, newest first, whoever tried.",
	}, s.listSignIns)
}

func (s *Server) listDevices(ctx context.Context, in *sessionsInput) (*plainReply[List[Device]], error) {
	all, err := s.Sessions.Devices(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return cut[session.Device, Device]{
		ring: s.Run.Ring, name: "devices|" + in.By.ID(), page: in.Paged,
		id: func(v session.Device) string { return v.ID.String() },
		document: func(v session.Device) Device {
			return Device{
				ID: v.ID.String(), Current: v.Current, CreatedAt: v.CreatedAt.UTC(), UsedAt: v.UsedAt.UTC(), ExpiresAt: v.ExpiresAt.UTC(),
				Address: v.Address, UserAgent: v.UserAgent,
			}
		},
	}.of(all)
}

func (s *Server) forgetDevice(ctx context.Context, in *deviceInput) (*nothing, error) {
	return nil, s.Sessions.EndDevice(ctx, in.By, known(ident.ParseDevice, in.Device))
}

func (s *Server) listSignIns(ctx context.Context, in *sessionsInput) (*plainReply[List[SignIn]], error) {
	all, err := s.Journal.SignIns(ctx, in.By)
	if err != nil {
		return nil, err
	}
	return cut[journal.Event, SignIn]{
		ring: s.Run.Ring, name: "sign-ins|" + in.By.ID(), page: in.Paged,
		id: func(e journal.Event) string { return e.ID.String() }, document: signInOf,
	}.of(all)
}

func signInOf(e journal.Event) SignIn {
	agent, _ := e.After["browser"].(string)
	v := SignIn{At: e.At.UTC(), Verb: e.Verb, Outcome: audit.Done, Code: e.Code, Address: e.Address, UserAgent: agent}
	if e.Refused {
		v.Outcome = audit.Refused
	}
	return v
}
