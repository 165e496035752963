package app

import (
	"context"
	"fmt"
	"io"
)

// OpenNetworks lets the members of an organisation in from every address again: the way
// back when the network of its allow-list is gone, and nobody can come in to change it
// (MFA-13). The list itself stays.
type OpenNetworks struct {
	Org string `json:"org"` // slug or ID
}

// Verb names the order.
func (OpenNetworks) Verb() string { return "organization.open_networks" }

// Do changes the policy, and says what holds now.
func (o OpenNetworks) Do(ctx context.Context, b *Base, out io.Writer) error {
	org, _, err := b.Orgs.Enter(ctx, operator, o.Org)
	if err != nil {
		return err
	}
	s, err := b.Settings.Security(ctx, operator, org.ID)
	if err != nil {
		return err
	}
	s.NetworkOnly = false
	if _, err := b.Settings.SetSecurity(ctx, operator, org.ID, s.Rev, s); err != nil {
		return err
	}
	fmt.Fprintf(out, "Members of %s may come in from any address.\n", org.Slug)
	return nil
}
