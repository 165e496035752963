package api_test

import (
	"strings"
	"testing"

	rest "habilis/client"
)

// Every edit of rights is a change set, through the REST API as well: roles and permissions,
// delegations, access groups; listed, read with a sentence a line, undone by one route.
func TestChangeSetsOfEveryDomain(t *testing.T) {
	eachWard(t, func(w *ward) {
		ctx, c, org := t.Context(), w.world.bruno.rest(), "tilleuls"
		_, err := c.GivePermission(ctx, org, w.julie, "statistics.read", "organization", 0)
		w.good(err)
		sign, err := c.CreateIdentity(ctx, org, rest.NewResource{Site: w.a1, Kind: "service", Name: "Secrétariat"})
		w.good(err)
		_, err = c.GiveDelegations(ctx, org, rest.NewDelegations{Identities: []string{sign.ID}, Member: w.julie, Acts: []string{"send"}})
		w.good(err)
		g, err := c.CreateAccessGroup(ctx, org, rest.NewAccessGroup{Name: "Pédiatrie"})
		w.good(err)
		_, err = c.SetAccessGroupMember(ctx, org, g.ID, w.julie, g.Version, rest.AccessGroupPeriod{})
		w.good(err)
		_, err = c.ChangeAccessGroupRecords(ctx, org, g.ID, rest.AccessGroupRecords{Add: []string{"d1", "d2"}})
		w.good(err)

		rights, err := c.GetMemberRights(ctx, org, w.julie)
		w.good(err)
		if len(rights.Delegations) != 1 || rights.Delegations[0].Identity.ID != sign.ID || rights.Delegations[0].Act != "send" ||
			len(rights.Groups) != 1 || rights.Groups[0].Name != "Pédiatrie" || rights.Groups[0].GivenBy == "" || !rights.Groups[0].InForce {
			t.Errorf("%+v %+v", rights.Delegations, rights.Groups)
		}
		own, err := w.world.julie.rest().GetMemberRights(ctx, org, w.julie)
		w.good(err)
		if len(own.Delegations) != 1 || len(own.Groups) != 1 {
			t.Errorf("one's own: %+v", own)
		}
		access, err := c.GetIdentityAccess(ctx, org, sign.ID, rest.Moment{})
		w.good(err)
		if len(access.Entries) != 0 || len(access.Delegations) != 1 || access.Delegations[0].Name != "Julie Delmas" || !access.Delegations[0].InForce {
			t.Errorf("%+v", access)
		}

		list := collect(w.world, c.ChangeSets(ctx, org, rest.ChangeSetQuery{}))
		if len(list) != 4 || list[0].People != 0 || list[1].People != 1 || len(list[0].Rights) != 0 {
			t.Fatalf("%d: %+v", len(list), list)
		}
		sentences := []string{
			"group_record: Dossiers du groupe d’accès « Pédiatrie » none > held 2", "group_member: Groupe d’accès « Pédiatrie » none > held 1",
			"delegation: Envoyer des documents au nom de « Secrétariat » none > active 1",
			"permission: Autorisation « Voir les statistiques », toute l’organisation none > held 1",
		}
		for i, want := range sentences {
			set, err := c.GetChangeSet(ctx, org, *list[i].ID)
			w.good(err)
			if len(set.Rights) != 1 || len(set.Lines) != 0 || !set.MayUndo || w.rightInWords(set.Rights[0]) != want {
				t.Errorf("%+v\nwant %s", set, want)
			}
		}
		if of := collect(w.world, c.ChangeSets(ctx, org, rest.ChangeSetQuery{Object: g.ID})); len(of) != 2 {
			t.Errorf("about the group: %+v", of)
		}

		_, err = c.ChangeAccessGroupRecords(ctx, org, g.ID, rest.AccessGroupRecords{Remove: []string{"d2"}})
		w.good(err)
		seen, err := c.PreviewUndo(ctx, org, *list[0].ID)
		w.good(err)
		if seen.ID != nil || len(seen.Stays) != 1 || seen.Stays[0].Why != "changed" || seen.Stays[0].Count != 1 || seen.Stays[0].Reason == "" || len(seen.Warnings) != 2 {
			t.Errorf("%+v", seen)
		}
		for _, set := range list {
			undo, err := c.UndoChangeSet(ctx, org, *set.ID)
			w.good(err)
			if undo.Kind != "undo" || *undo.Undoes != *set.ID || undo.Changes != 1 {
				t.Errorf("%+v", undo)
			}
		}
		rights, err = c.GetMemberRights(ctx, org, w.julie)
		w.good(err)
		if len(rights.Permissions)+len(rights.Delegations)+len(rights.Groups) != 0 {
			t.Errorf("undone: %+v", rights)
		}
		_, err = c.UndoChangeSet(ctx, org, *list[3].ID)
		w.refusedBy(err, 409, "grant.undone")
		_, err = w.olga.rest().UndoChangeSet(ctx, w.a, *list[3].ID)
		w.refusedBy(err, 404, "access.not_found")
	})
}

func (w *ward) rightInWords(r rest.ChangedRight) string {
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(r.Sentence)
	return r.Domain + ": " + plain + " " + r.Before.Value + " > " + r.After.Value + " " + string(rune('0'+r.Count))
}
