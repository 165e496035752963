package dossier

import (
	"context"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// ArrivedLetter tells whoever judges files that some arrived in the job.GatherEvery that begins with
// From: Arrived reads which.
type ArrivedLetter struct {
	Org  ident.Org `json:"org"`
	From time.Time `json:"from"`
}

// Kind names the job.
func (ArrivedLetter) Kind() string { return "letter.registration_arrived" }

// announceArrival orders the letter that gathers arrivals.
func announceArrival(tx *action.Tx, org ident.Org) {
	tx.After(job.Gather(tx.Now, org.String(), func(from time.Time) job.Args { return ArrivedLetter{Org: org, From: from} }))
}

// Arrived are the sites of each file that was sent in the job.GatherEvery that begins with from, and
// still waits for somebody to judge it.
func Arrived(ctx context.Context, tx *store.Tx, org ident.Org, from time.Time) ([][]ident.Site, error) {
	people, err := arrivedIn(ctx, tx, org, from, from.Add(job.GatherEvery))
	if err != nil {
		return nil, err
	}
	return sitesOfEach(ctx, tx, org, people)
}

// OpenAlerts are the sites of each member of whom the directory says something else.
func OpenAlerts(ctx context.Context, tx *store.Tx, org ident.Org) ([][]ident.Site, error) {
	people, err := openAlerts(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	return sitesOfEach(ctx, tx, org, people)
}

func sitesOfEach(ctx context.Context, tx *store.Tx, org ident.Org, people []ident.Member) ([][]ident.Site, error) {
	of, err := member.SitesOf(ctx, tx, org, people)
	list := make([][]ident.Site, len(people))
	for i, m := range people {
		list[i] = of[m]
	}
	return list, err
}
