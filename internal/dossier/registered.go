package dossier

import (
	"context"

	"habilis/internal/action"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
)

// RegisterWhole makes the member and the file of somebody as if they had done every step: for
// the demonstration, and for tests. v holds what is declared and proved. The act holds the
// organisation and the accounts. Errors: those of enrolment.Register.
func RegisterWhole(ctx context.Context, tx *action.Tx, v Registration, passwordHash string) (Registration, error) {
	m, err := enrolment.Register(ctx, tx, enrolment.Registrant{
		Org: v.Org, Account: v.Account, Email: v.Email, PasswordHash: passwordHash, Names: v.Names, Language: v.Language, Function: v.Function,
		ProfessionCode: v.ProfessionCode, Site: v.Site,
	})
	if err != nil {
		return v, err
	}
	v.ID, v.Member, v.Account, v.Version = ident.NewRegistration(), m.ID, m.Account, 1
	v.EmailProvedAt, v.ExpiresAt = &tx.Now, tx.Now.Add(RegistrationLife)
	if err := insertRegistration(ctx, tx.Tx, v); err != nil {
		return v, err
	}
	v.Version++
	return v, writeRegistration(ctx, tx.Tx, v)
}
