package annuaire

import (
	"fmt"
	"strings"
)

// profession is a profession with what goes with it.
type profession struct {
	code, label, title, titleLabel           string
	knowType, knowTypeLabel, know, knowLabel string
	role, roleLabel                          string
}

var professions = []profession{
	{code: "60", label: "Infirmier"},
	{code: "10", label: "Médecin", title: "DR", titleLabel: "Docteur", knowType: "S", knowTypeLabel: "Spécialité ordinale", know: "SM54", knowLabel: "Médecine générale"},
	{code: "70", label: "Masseur-Kinésithérapeute"},
	{code: "21", label: "Pharmacien", title: "DR", titleLabel: "Docteur"},
	{code: "99", label: "Acteur participant au système de santé caractérisé par rôle", role: "331", roleLabel: "Secrétaire assistante médico-administrative"},
	{code: "93", label: "Psychologue"},
	{code: "40", label: "Chirurgien-Dentiste", title: "DR", titleLabel: "Docteur"},
	{code: "10", label: "Médecin", title: "DR", titleLabel: "Docteur", knowType: "S", knowTypeLabel: "Spécialité ordinale", know: "SM04", knowLabel: "Cardiologie et maladies vasculaires"},
	{code: "50", label: "Sage-Femme"},
	{code: "91", label: "Orthophoniste"},
	{code: "26", label: "Audioprothésiste"},
}

var (
	families = strings.Fields(`MARTIN BERNARD DUBOIS THOMAS ROBERT RICHARD PETIT DURAND LEROY MOREAU SIMON LAURENT LEFEBVRE MICHEL GARCIA DAVID
		BERTRAND ROUX VINCENT FOURNIER MOREL GIRARD ANDRE LEFEVRE MERCIER DUPONT LAMBERT BONNET FRANCOIS MARTINEZ LEGRAND GARNIER FAURE ROUSSEAU
		BLANC GUERIN MULLER HENRY ROUSSEL NICOLAS PERRIN MORIN MATHIEU CLEMENT GAUTHIER DUMONT LOPEZ FONTAINE CHEVALIER ROBIN MASSON SANCHEZ
		GERARD NGUYEN BOYER DENIS LEMAIRE DUVAL JOLY GAUTIER ROGER ROCHE ROY NOEL MEYER LUCAS MEUNIER JEAN PEREZ MARCHAND DUFOUR BLANCHARD MARIE
		BARBIER BRUN DUMAS BRUNET SCHMITT LEROUX COLAS FERNANDEZ PIERRE RENARD ARNAUD ROLLAND CARON AUBERT GIRAUD LECLERC VIDAL BOURGEOIS DIALLO
		RENAUD LEMOINE PICARD GAILLARD PHILIPPE LECLERCQ LACROIX FABRE DUPUIS OLIVIER RODRIGUEZ DASILVA HUBERT LOUIS CHARLES GUILLOT RIVIERE`)
	givens = strings.Fields(`Marie Nathalie Isabelle Sylvie Catherine Martine Christine Françoise Valérie Sandrine Stéphanie Véronique Sophie Céline
		Chantal Patricia Anne Brigitte Julie Monique Aurélie Nicole Laurence Annie Émilie Jean Pierre Michel André Philippe René Louis Alain
		Jacques Bernard Marcel Daniel Roger Robert Paul Claude Christian Henri Georges Nicolas François Julien Zoé Aïcha Jean-Noël Anne-Laure
		Marie-Claire Jérôme Hélène Agnès Loïc Maël Noémie Gaëlle Cécile Thérèse Raphaël Inès Chloé Léa Manon Camille Sarah Yasmine Mehdi Karim`)
	syllables = strings.Fields(`BA BE BON BOU BRE CAR CHA CLO COR DAN DEL DOU FER FON GAL GAU GER GUI HEN JOU LAN LAU LEV LOR MAI MAR MER MON
		MOR NAR NOU PAR PEL PER POI QUE RAY REN RIV ROU SAL SAU SER TAI THI TOU VAL VER VIL`)
	endings = strings.Fields(`AIN ARD AUD AULT EAU EL ELLE ENC ET EUX IER IN ION IS ON OT OUX UIS`)
	streets = strings.Split("DES TILLEULS,DE L'EXEMPLE,DU MARÉCHAL,DE LA RÉPUBLIQUE,VICTOR HUGO,DE L'ÉGLISE,DIDOT,DE BESANÇON", ",")
	towns   = strings.Split("PARIS,MARSEILLE,LYON,TOULOUSE,NICE,NANTES,MONTPELLIER,STRASBOURG,BORDEAUX,LILLE,RENNES,REIMS,SAINT-ETIENNE,LE HAVRE,"+
		"TOULON,GRENOBLE,DIJON,ANGERS,NIMES,VILLEURBANNE,AIX-EN-PROVENCE,BREST,LE MANS,AMIENS,TOURS,LIMOGES,CLERMONT-FERRAND,BESANÇON,METZ,ORLEANS,"+
		"ST DENIS,ROUEN,MULHOUSE,CAEN,NANCY CEDEX,SAINT-AUBIN,STE MARIE", ",")
)

// Shapes of what is drawn.
const (
	smallTowns = 8000
	firstTowns = 3 // so many in ten live in a large town
)

// Family is the family name of the nth person: half are of the common ones, the others are
// rare, and some have a particle, an apostrophe or two parts.
func Family(n int) string {
	name := families[skewed(n, 10, len(families))]
	if of(n, 11, 2) == 0 {
		name = syllables[of(n, 12, len(syllables))] + syllables[of(n, 13, len(syllables))] + endings[of(n, 14, len(endings))]
	}
	switch of(n, 15, 40) {
	case 0:
		return "LE " + name
	case 1:
		return "D'" + name
	case 2:
		return name + "-" + families[of(n, 16, len(families))]
	}
	return name
}

// Given is the given name of the nth person.
func Given(n int) string { return givens[skewed(n, 20, len(givens))] }

// Town is the nth place: its name and its postal code.
func Town(n int) (name, code string) {
	if of(n, 30, 10) < firstTowns {
		i := skewed(n, 31, len(towns))
		return towns[i], fmt.Sprintf("%02d%03d", 1+i*2, of(n, 32, 20)*10)
	}
	i := of(n, 33, smallTowns)
	return syllables[i%len(syllables)] + endings[i/len(syllables)%len(endings)] + "-SUR-" + syllables[i/7%len(syllables)] + "E",
		fmt.Sprintf("%02d%03d", 1+i%95, i%1000)
}
