package client

import (
	"context"
	"net/http"
	"time"
)

// partReplacement is a part of the paths of this file.
const partReplacement = "replacement"

// Replacement is a member with the right RPPS who took the place of one with the wrong one.
type Replacement struct {
	OldMember    string     `json:"old_member"`
	NewMember    string     `json:"new_member"`
	OldName      string     `json:"old_name"`
	NewName      string     `json:"new_name"`
	OldRPPS      string     `json:"old_rpps"` // empty once it is erased
	NewRPPS      string     `json:"new_rpps"`
	ReplacedBy   string     `json:"replaced_by"`
	ReplacedAt   time.Time  `json:"replaced_at"`
	Finished     bool       `json:"finished"`
	Undone       bool       `json:"undone"`
	UndoUntil    *time.Time `json:"undo_until"`
	Verification string     `json:"verification"` // of the new member
	MayUndo      bool       `json:"may_undo"`
	NotUndoable  string     `json:"not_undoable"`
	Version      int64      `json:"version"`
}

// NewNumber is the right number of a member.
type NewNumber struct {
	RPPS       string `json:"rpps"`
	Activity   string `json:"activity,omitempty"`    // of several that the directory knows
	GivenName  string `json:"given_name,omitempty"`  // for a number that it does not know
	FamilyName string `json:"family_name,omitempty"` // the same
}

// ReplacementOrder replaces a member.
type ReplacementOrder struct {
	NewNumber

	FullName string `json:"full_name"`
}

// ReplacementPreview is what a replacement would do.
type ReplacementPreview struct {
	FullName string             `json:"full_name"`
	Fields   []ReplacementField `json:"fields"`
	Warnings []string           `json:"warnings"`
	Passes   ReplacementPasses  `json:"passes"`
	Verifies bool               `json:"verifies"` // the person must be verified anew
}

// ReplacementField is one field before and after.
type ReplacementField struct {
	Name   string `json:"name"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// ReplacementPasses counts what passes to the new member.
type ReplacementPasses struct {
	Sites       int   `json:"sites"`
	Rights      int   `json:"rights"`
	Levels      int   `json:"levels"`
	Delegations int   `json:"delegations"`
	Groups      int   `json:"access_groups"`
	Resources   int   `json:"resources"`
	Items       int64 `json:"work_items"`
}

// PreviewReplacement says what replacing a member would do.
func (c *Client) PreviewReplacement(ctx context.Context, org, member string, n NewNumber) (ReplacementPreview, error) {
	return call[ReplacementPreview](ctx, c, request{method: http.MethodPost, path: members(org, member, partReplacement, "preview"), body: n})
}

// ReplaceMember replaces a member whose RPPS is wrong; version is that of the member, 0 for whatever it is.
func (c *Client) ReplaceMember(ctx context.Context, org, member string, version int64, o ReplacementOrder) (Replacement, error) {
	return call[Replacement](ctx, c, request{
		method: http.MethodPost, path: members(org, member, partReplacement), version: from(version), body: o,
	})
}

// GetReplacement says who took the place of whom, by either of the two.
func (c *Client) GetReplacement(ctx context.Context, org, member string) (Replacement, error) {
	return call[Replacement](ctx, c, request{method: http.MethodGet, path: members(org, member, partReplacement)})
}

// UndoReplacement gives the old member their place back; version is that of the replacement.
func (c *Client) UndoReplacement(ctx context.Context, org, member string, version int64) (Replacement, error) {
	return call[Replacement](ctx, c, request{method: http.MethodDelete, path: members(org, member, partReplacement), version: from(version)})
}
