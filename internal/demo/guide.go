package demo

import (
	"fmt"
	"io"

	"habilis/internal/secret"
)

// Guide says where the demonstration is and who can sign in.
type Guide struct {
	Address  string
	Password secret.Text
	TOTP     secret.Text // of the code application of every administrator
}

// doors are accounts worth trying, one of each sort.
var doors = []struct{ email, who string }{
	{"bruno.lacaze@tilleuls.example", "administrator of the Maison de santé des Tilleuls, coordinator"},
	{"claire.morvan@tilleuls.example", "administrator of the same, physician; also member of the CPTS des Deux Rives"},
	{"julie.delmas@tilleuls.example", "secretary, no administration"},
	{"nadia.benali@deux-rives.example", "administrator of the CPTS des Deux Rives"},
	{"philippe.renaud@saint-aubin.example", "administrator of the Groupe clinique Saint-Aubin (6 sites, 600 members)"},
	{"sophie.jamet@saint-aubin.example", "administrator of one of its sites"},
	{adminEmail, "administrator of the platform"},
	{supportEmail, "support of the platform"},
}

// Print writes the guide for the person who started the demonstration.
func (g Guide) Print(out io.Writer) {
	fmt.Fprintf(out, "Demonstration: %s\nEvery account has the password  %s\n\n", g.Address, g.Password.Reveal())
	for _, d := range doors {
		fmt.Fprintf(out, "  %-38s %s\n", d.email, d.who)
	}
	fmt.Fprintf(out, "\nAdministrators also give a code. Add this secret to a code application (every administrator has the same):\n  %s\n", g.TOTP.Reveal())
	fmt.Fprintf(out, "\nLetters are not sent: %s/dev/mail shows them.\n\n", g.Address)
}
