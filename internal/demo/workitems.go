package demo

import (
	"fmt"

	"habilis/internal/workitem"
)

// What applications registered at the Tilleuls (OFF-5): the dermatologist leaves soon, and
// still holds much.

const (
	fromAgenda = "agenda"
	fromDesk   = "secretariat"
	morning    = 8
	perDay     = 5 // appointments
)

// taskTitles are what there is to do; none names a patient.
var taskTitles = []string{
	"Relire les comptes rendus de la semaine", "Renouveler la convention avec le laboratoire", "Commander l’azote liquide",
	"Vérifier le dermatoscope", "Répondre à la caisse sur les actes de novembre", "Préparer la réunion pluriprofessionnelle",
	"Mettre à jour les fiches d’information", "Classer les résultats reçus", "Rappeler le prothésiste", "Signer les bons de transport",
}

// holding is what somebody was given by an application.
type holding struct {
	who    string
	kind   workitem.Kind
	source string
	site   int // of the organisation, by its place in its list
	number int
	first  int // in how many days the first is due
	titled bool
}

var held = []holding{
	{"Paul Garnier", workitem.Task, fromDesk, 1, 40, -3, true},
	{"Paul Garnier", workitem.Appointment, fromAgenda, 1, 25, 1, false},
	{"Paul Garnier", workitem.Letter, fromDesk, 1, 6, -1, true},
	{"Julie Delmas", workitem.Task, fromDesk, 0, 12, -2, true},
	{"Sandrine Leroy", workitem.Task, fromDesk, 1, 3, 1, true},
	{"Hélène Faure-Lenoir", workitem.Appointment, fromAgenda, 0, 14, 1, false},
}

func (l *loader) workItems(p *place) error {
	var lines []workitem.Line
	for n, h := range held {
		for i := range h.number {
			due := at(-h.first-i/perDay, morning+i%perDay, 0)(l.now)
			line := workitem.Line{
				Ref:     workitem.Ref{Source: h.source, External: fmt.Sprintf("%c-%d%03d", h.kind[0]-'a'+'A', n+1, i+1)},
				Details: workitem.Details{Kind: h.kind, Owner: p.members[h.who], Site: p.siteIDs[h.site], Due: &due, State: workitem.Open},
			}
			if h.titled {
				line.Title = taskTitles[i%len(taskTitles)]
			}
			lines = append(lines, line)
		}
	}
	_, err := l.app.WorkItems.RegisterMany(l.ctx, l.founderOf(p), p.id, lines)
	return err
}
