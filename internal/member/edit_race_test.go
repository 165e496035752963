package member_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// editRounds is how many times two administrators edit at once, for each race.
const editRounds = 40

// patient is a member who waits to be edited, of type B, without account.
func (d *duel) patient(n int) ident.Member {
	d.Helper()
	var id ident.Member
	d.Write(func(ctx context.Context, tx *store.Tx) error {
		m, err := member.Insert(ctx, tx, member.New{
			Org: d.p.org, GivenName: "Zoé", FamilyName: fmt.Sprintf("Petit %c%c", 'a'+n%26, 'a'+n/26), ProfileType: member.Unregulated,
			Specialty: "Ostéopathie", Sites: d.p.site,
		})
		id = m.ID
		return err
	})
	return id
}

// nthRPPS is the nth number with a good key.
func nthRPPS(n int) string {
	bare := fmt.Sprintf("99700%05d", n)
	for k := range 10 {
		s, sum := fmt.Sprintf("%s%d", bare, k), 0
		for i := range len(s) {
			v := int(s[len(s)-1-i] - '0')
			if i%2 == 1 {
				if v *= 2; v > 9 {
					v -= 9
				}
			}
			sum += v
		}
		if sum%10 == 0 {
			return s
		}
	}
	panic("no key")
}

func eachDuel(t *testing.T, fn func(d *duel)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newDuel(t, e, false)) })
	}
}

// one fails unless exactly one of two acts was done, and the other was refused by one of
// these faults.
func (d *duel) one(n int, errs [2]error, faults ...error) (winner int) {
	d.Helper()
	winner = -1
	for i, err := range errs {
		if err == nil {
			if winner >= 0 {
				d.Fatalf("round %d: both were done", n)
			}
			winner = i
			continue
		}
		known := false
		for _, f := range faults {
			want := fieldCodes(f)
			known = known || errors.Is(err, f) && (len(want) == 0 || maps.Equal(fieldCodes(err), want))
		}
		if !known {
			d.Fatalf("round %d: %v %v", n, err, fieldCodes(err))
		}
	}
	if winner < 0 {
		d.Fatalf("round %d: neither was done: %v", n, errs)
	}
	return winner
}

// MEM-3, RAC-03, FED-02: two administrators save different RPPS numbers for one member,
// through two nodes: one number is saved, and stays.
func TestFaultTwoNumbersForOne(t *testing.T) {
	eachDuel(t, func(d *duel) {
		for n := range editRounds {
			id := d.patient(n)
			save := func(number string) blow {
				return func(ctx context.Context, d *duel, n int) error {
					_, err := d.nodes[n].Edit(ctx, d.as(duellists[n]), d.p.org, id, member.Change{RPPS: &number}, 0)
					return err
				}
			}
			numbers := [2]string{nthRPPS(2 * n), nthRPPS(2*n + 1)}
			won := d.one(n, d.strike(save(numbers[0]), save(numbers[1])), member.ErrLocked)
			sheet, err := d.members.Get(d.Context(), system, d.p.org, id)
			d.Must(err)
			if sheet.RPPS != numbers[won] || sheet.ProfileType != member.Regulated {
				d.Fatalf("round %d: %s, want %s", n, sheet.RPPS, numbers[won])
			}
			if saved := d.Count(`select count(distinct rpps) from member_state where org_id = $1 and member_id = $2 and rpps <> ''`, d.p.org, id); saved != 1 {
				d.Fatalf("round %d: %d numbers were saved", n, saved)
			}
		}
	})
}

// RAC-03, MEM-3: one RPPS for two members at once: one has it, the other is told.
func TestFaultOneNumberForTwo(t *testing.T) {
	eachDuel(t, func(d *duel) {
		for n := range editRounds {
			ids, number := [2]ident.Member{d.patient(2 * n), d.patient(2*n + 1)}, nthRPPS(n)
			save := func(ctx context.Context, d *duel, n int) error {
				_, err := d.nodes[n].Edit(ctx, d.as(duellists[n]), d.p.org, ids[n], member.Change{RPPS: &number}, 0)
				return err
			}
			d.one(n, d.strike(save, save), fault.OnField("rpps", "member.rpps_taken"))
			if k := d.Count(`select count(*) from member_state where org_id = $1 and rpps = $2 and known_until is null`, d.p.org, number); k != 1 {
				d.Fatalf("round %d: %d members have the number", n, k)
			}
		}
	})
}

// RAC-07, CHG-1: two administrators edit one version at once: one edition stands whole,
// the other administrator is told, and nothing is silently lost. Details against rights,
// too: both make a version.
func TestFaultEditsOfOneVersion(t *testing.T) {
	eachDuel(t, func(d *duel) {
		id := d.patient(0)
		for n := range editRounds {
			sheet, err := d.members.Get(d.Context(), system, d.p.org, id)
			d.Must(err)
			edit := func(function, phone string) blow {
				return func(ctx context.Context, d *duel, n int) error {
					c := member.Change{Function: &function, Phone: &phone}
					_, err := d.nodes[n].Edit(ctx, d.as(duellists[n]), d.p.org, id, c, sheet.Version)
					return err
				}
			}
			rights := func(ctx context.Context, d *duel, n int) error {
				c := member.RightsChange{AddPermissions: single(access.Care[len(sheet.Permissions)], d.p.whole())}
				_, err := d.nodes[n].ChangeRights(ctx, d.as(duellists[n]), d.p.org, id, c, sheet.Version)
				return err
			}
			blows := [2]blow{edit("nurse", fmt.Sprintf("+336%08d", n)), edit("midwife", fmt.Sprintf("+337%08d", n))}
			gives := n%2 == 1 && len(sheet.Permissions) < len(access.Care)
			if gives {
				blows[1] = rights
			}
			won := d.one(n, d.strike(blows[0], blows[1]), member.ErrStale)
			after, err := d.members.Get(d.Context(), system, d.p.org, id)
			d.Must(err)
			whole := map[string]string{"nurse": fmt.Sprintf("+336%08d", n), "midwife": fmt.Sprintf("+337%08d", n)}
			edited := won == 0 || !gives
			if after.Version != sheet.Version+1 || edited && whole[after.Function] != after.Phone || !edited && after.Phone != sheet.Phone {
				d.Fatalf("round %d, %d won: %d %s %s", n, won, after.Version, after.Function, after.Phone)
			}
		}
	})
}

// RAC-01, AUZ-12: two administrators take each other's administration by a change of
// rights, or by making the other a locum: one remains.
func TestFaultTakeEachOthersRights(t *testing.T) {
	eachDuel(t, func(d *duel) {
		for n, name := range duellists {
			number := nthRPPS(n)
			_, err := d.members.Edit(d.Context(), system, d.p.org, d.p.ids[name], member.Change{RPPS: &number}, 0)
			d.Must(err)
		}
		take := func(ctx context.Context, d *duel, n int) error {
			c := member.RightsChange{DropRoles: []role.Given{d.p.holds(role.Administrator, d.p.whole())}}
			_, err := d.nodes[n].ChangeRights(ctx, d.as(duellists[n]), d.p.org, d.p.ids[duellists[1-n]], c, 0)
			return err
		}
		locum := func(ctx context.Context, d *duel, n int) error {
			c := member.Change{Locum: ptr(&member.Locum{Name: "Léa Roux", From: d.day(0), Until: d.day(9)})}
			_, err := d.nodes[n].Edit(ctx, d.as(duellists[n]), d.p.org, d.p.ids[duellists[1-n]], c, 0)
			return err
		}
		blows := []blow{take, locum, withdrawOther}
		for n := range editRounds {
			d.remains(n, d.strike(blows[n%3], blows[n/3%3]))
			for _, name := range duellists {
				_, err := d.members.Edit(d.Context(), system, d.p.org, d.p.ids[name], member.Change{Locum: ptr[*member.Locum](nil)}, 0)
				d.Must(err)
			}
			d.rise()
		}
	})
}
