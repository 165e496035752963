package member

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// watchedOrgs asks about every organisation: which of them have members to watch.
func watchedOrgs(ctx context.Context, tx *store.Tx) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select distinct s.org_id from member_state s
		join org_state o on o.org_id = s.org_id and o.known_until is null and o.status = 'active'
		where s.known_until is null and s.rpps <> '' and s.status <> 'left' order by s.org_id`)
}

// watchedMember is a member with what was imported, as it is kept.
type watchedMember struct {
	Member
	body string
}

func watched(ctx context.Context, tx *store.Tx, in ident.Org, after ident.Member, limit int) ([]watchedMember, error) {
	return store.All(ctx, tx, func(s store.Scan) (watchedMember, error) {
		var w watchedMember
		m := &w.Member
		return w, s(&m.Org, &m.ID, &m.ProfileType, &m.GivenName, &m.FamilyName, &m.ProfessionCode, &m.Profession, &m.SpecialtyCode,
			&m.Specialty, &m.RPPS, &m.Identity.Source, &m.Identity.At, &w.body)
	}, `
		select org_id, member_id, profile_type, given_name, family_name, profession_code, profession, specialty_code, specialty, rpps,
			identity_source, identity_at, identity_body
		from member_state
		where org_id = $1 and known_until is null and rpps <> '' and status <> 'left' and member_id > $2
		order by member_id limit $3`, in, after, limit)
}
