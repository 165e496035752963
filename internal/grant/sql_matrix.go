package grant

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// peopleByName reads the members of an organisation with their sites, by name: those who
// have or wait for access, and the deactivated ones too if away says so.
func peopleByName(ctx context.Context, tx *store.Tx, in ident.Org, away bool) ([]person, error) {
	statuses := []string{"pending_approval", "created", "active"}
	if away {
		statuses = append(statuses, "deactivated")
	}
	var args store.Args
	args.Add(in)
	people, err := store.All(ctx, tx, scanPerson, selectPeople+` and s.status in `+store.In(&args, statuses)+
		` order by s.sort_key, s.member_id`, args.List()...)
	if err != nil {
		return nil, err
	}
	at := make(map[ident.Member]int, len(people))
	for i, p := range people {
		at[p.ID] = i
	}
	err = store.Each(ctx, tx, func(s store.Scan) error {
		var m ident.Member
		var site ident.Site
		err := s(&m, &site)
		if i, ok := at[m]; ok {
			people[i].Sites = append(people[i].Sites, site)
		}
		return err
	}, `select b.member_id, b.site_id from member_site b where b.org_id = $1 and b.known_until is null`, in)
	return people, err
}
