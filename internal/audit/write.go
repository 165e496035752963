package audit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/store"
)

const (
	saltBytes = 16
	// atATime is how many rows of one act are in memory together.
	atATime = 1000
	// chainNumbers bounds the random number of a new chain: two of a million chains
	// draw the same once in a million installations, and the second then fails.
	chainNumbers = 1 << 60
)

// Write appends events, all of one actor and outcome. The caller holds the lock
// of each chain. Only package action calls it, and the restore of a backup.
func Write(ctx context.Context, tx *store.Tx, who Who, outcome string, events []Event) error {
	for len(events) > 0 {
		chain := events[0].Chain()
		var of, others []Event
		for _, e := range events {
			if e.Chain() == chain {
				of = append(of, e)
			} else {
				others = append(others, e)
			}
		}
		if err := appendEvents(ctx, tx, who, outcome, of); err != nil {
			return fmt.Errorf("audit: %s: %w", of[0].Verb, err)
		}
		events = others
	}
	return nil
}

// appendEvents appends events to their one chain.
func appendEvents(ctx context.Context, tx *store.Tx, who Who, outcome string, events []Event) error {
	head, err := readHead(ctx, tx, events[0].Chain())
	if err != nil {
		return err
	}
	if head.no == 0 {
		n, _ := rand.Int(rand.Reader, big.NewInt(chainNumbers-1)) // never fails
		head.no = 1 + n.Int64()
	}
	found := mentions{chain: head.no}
	for part := range slices.Chunk(events, atATime) {
		rows := make([]row, len(part))
		for i, e := range part {
			if rows[i], err = head.next(tx, who, outcome, e); err != nil {
				return err
			}
			found.add(rows[i].Seq, who, e)
		}
		if err := insertRows(ctx, tx, rows); err != nil {
			return err
		}
	}
	if err := found.write(ctx, tx); err != nil {
		return err
	}
	return setHead(ctx, tx, head)
}

// next makes the row of an event, and moves the head to it.
func (h *Head) next(tx *store.Tx, who Who, outcome string, e Event) (row, error) {
	body, err := json.Marshal(payload{Actor: who, Names: e.Names, Before: e.Before, After: e.After})
	if err != nil {
		return row{}, err
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails
	r := row{
		Chain: h.Chain, Seq: h.Seq + 1, ID: ident.NewEvent(), At: tx.Now, Verb: e.Verb, Outcome: outcome,
		ActorKind: who.Kind, Actor: who.ID, OnBehalfOf: who.OnBehalfOf, Object: e.Object, Subject: e.Subject,
		Site: e.Site.String(), Via: who.Via, Code: e.Code,
		PayloadHash: hashPayload(salt, body), PrevHash: h.Hash, salt: salt, body: string(body),
	}
	r.Hash = r.compute()
	h.Seq, h.Hash = r.Seq, r.Hash
	return r, nil
}
