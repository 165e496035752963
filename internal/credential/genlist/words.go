package main

import (
	"slices"
	"strconv"
	"strings"
)

// Words of our own, written for this list: what people in France, and in care,
// are likely to choose.
var (
	phrases = strings.Fields(`
motdepasse monmotdepasse lemotdepasse motdepassesecret nouveaumotdepasse changezmoi changemoi motdepasseprovisoire
azerty azertyuiop azertyuiopqsdfghjklm azertyuiopqsdfghjklmwxcvbn qsdfghjklm wxcvbn aqwzsxedcrfv azeqsdwxc azerqsdf
qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm asdfghjkl zxcvbnm qazwsxedcrfv qazwsxedcrfvtgb abcdefghijkl
abcdefghijklmnop abcdefghijklmnopqrstuvwxyz 123456789012 1234567890123456 12345678901234567890 123456azerty
azerty123456 azertyazerty aaaaaaaaaaaa 000000000000 111111111111 987654321098 0123456789012345 147258369147
jetaime jetaimemonamour jetaimemoncoeur jetaimefort jetaimetrop jetaimepourlavie jetadore monamour monamourpourtoujours
moncoeur monange mabelle monbebe monchat monchien monbijou monpetitcoeur monpetitange amourtoujours pourtoujours
pourlavie lavieestbelle lebonheur lebonheurestsimple carpediem hakunamatata toujoursensemble avectoi bonjour
bonjourbonjour bonjourmonde bonjouratous bonsoir bienvenue bienvenuechezmoi aurevoir mercibeaucoup salutcava coucou
cestmoi cestmonmotdepasse jenesaispas jesaispas rienarienafaire poilaugratter petitcoeur grandcoeur sansfamille
papamaman mamanpapa mamancherie papacheri mafamille mafamillecherie mesenfants mesenfantscheris mamamanquejaime
allezlesbleus allezlom allezlesverts parissaintgermain olympiquedemarseille olympiquelyonnais zinedinezidane kylianmbappe
libertegalitefraternite libertefraternite vivelafrance lafrance francefrance laviecestbeau lavieenrose lepetitprince
jesuischarlie harrypotter starwars seigneurdesanneaux tintinetmilou asterixetobelix mickeymouse bobleponge pikachu
leroilion lareinedesneiges motsecret codesecret lecodesecret secretsecret administrateur administration superadmin
utilisateur compteutilisateur identifiant connexion connexioninternet ordinateur ordinateurportable maisonmaison
vacances bonnesvacances vacancesenmer lamer lameretlesoleil soleil soleillevant soleiletmer lesoleil chocolat
chocolatnoir fromage camembert croissant baguette tartiflette raclette champagne beaujolais bordeaux
medecin docteur ledocteur infirmier infirmiere linfirmiere secretaire secretairemedicale secretariat secretariatmedical
cabinet cabinetmedical moncabinet maisonmedicale maisondesante centredesante hopital hopitalpublic clinique
laclinique pharmacie mapharmacie laboratoire radiologie cardiologie dermatologie pediatrie gynecologie ophtalmologie
kinesitherapeute kinesitherapie orthophoniste sagefemme dentiste chirurgien chirurgie urgences lesurgences samusamu
stethoscope seringue ordonnance cartevitale vitalecarte assurancemaladie securitesociale doctolib medecingeneraliste
medecintraitant dossiermedical dossierpatient patientpatient bloc operatoire blocoperatoire accueil accueilpatients
prosanteconnect mssante ordredesmedecins serment hippocrate sermentdhippocrate doliprane paracetamol aspirine
anticonstitutionnellement bonnesante bonneannee joyeuxnoel joyeusefete bonanniversaire joyeuxanniversaire jourdelan quatorzejuillet`)

	//nolint:misspell // French months
	seasons = strings.Fields(`printemps automne hiver janvier fevrier mars avril juin juillet aout septembre octobre
novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche noel paques toussaint`)

	towns = strings.Fields(`paris marseille lyon toulouse nice nantes montpellier strasbourg bordeaux lille rennes reims
toulon saintetienne lehavre dijon grenoble angers villeurbanne saintdenis nimes clermontferrand aixenprovence lemans
brest tours amiens annecy limoges metz perpignan boulognebillancourt besancon orleans rouen montreuil argenteuil
mulhouse caen nancy tourcoing roubaix nanterre vitrysurseine creteil avignon poitiers aubervilliers dunkerque
aulnaysousbois colombes asnieres saintpaul versailles courbevoie beziers rueilmalmaison cherbourg larochelle
champigny pau fortdefrance merignac saintmaur antibes cannes calais ajaccio drancy saintnazaire colmar issy noisy
evry vannes cergy troyes valence lorient pessac ivry clichy quimper niort sarcelles antony chambery montauban
villejuif hyeres beauvais saintquentin epinay cholet bourges arles laval albi bastia charleville blois chartres
lens arras douai valenciennes chalon macon auxerre nevers sens gap digne rodez aurillac cahors agen perigueux
brive tulle gueret angouleme saintes rochefort royan cayenne papeete noumea mamoudzou saintdenisreunion basseterre
pointeapitre thionville epinal belfort vesoul montbeliard sete narbonne carcassonne tarbes bayonne biarritz
montdemarsan dax lourdes millau alencon lisieux evreux dieppe saintlo saintmalo saintbrieuc laroche roanne vichy
moulins montlucon lepuy bourgenbresse oyonnax aixlesbains thonon annemasse vienne romans montelimar orange carpentras`)

	houses = strings.Fields(`cabinet cabinetmedical clinique hopital pharmacie laboratoire ehpad chu maisonmedicale
maisondesante centredesante residence mairie ecole college lycee stade ville vivea bienvenuea`)

	professions = strings.Fields(`medecin docteur infirmier infirmiere kine secretaire dentiste pharmacien sagefemme
aidesoignante orthophoniste psychologue pediatre radiologue chirurgien accueil`)

	firstNames = strings.Fields(`marie jean pierre michel nathalie philippe isabelle sylvie catherine alain nicolas
christophe patrick stephane christine sandrine laurent frederic valerie julien david thomas sebastien eric celine
olivier sophie thierry pascal martine francoise julie daniel anne bernard laurence camille stephanie alexandre
veronique guillaume caroline laura christian emilie bruno dominique antoine lea aurelie virginie vincent claire
pauline corinne romain maxime kevin melanie manon charlotte audrey mathilde benjamin lucie jeremy marion patricia
anthony elodie emma hugo lucas louis chloe sarah ines jade louise alice gabriel leo raphael arthur jules adam paul
nathan ethan theo clement mathieu florian quentin valentin dylan enzo mohamed karim yanis amine sofia lina mila zoe
juliette rose anna eva margaux oceane morgane justine anais ophelie fanny delphine karine severine nadine brigitte
monique jacqueline jeanne suzanne yvette simone denise odette paulette ginette rene andre jacques claude gerard
roger marcel robert georges lucien raymond henri serge gilles didier franck cedric fabrice ludovic damien gregory
arnaud yann gwenaelle solene maelys agathe clemence victoire apolline capucine victor gaspard timothee`)
)

const (
	yearFrom  = 1950 // years of birth of people at work, and the years to come
	yearTo    = 2030
	pairNames = 110 // of firstNames, for pairs
	yearWords = 60  // of firstNames, before a year in the middle of a word
)

// habits are the words of our own, the likeliest first.
func habits() []string {
	return slices.Concat(phrases, digitRuns(), seasons, firstNames, towns, houses, professions)
}

// digitRuns are the rows of digits that reach a minimum length: 123456789012…
func digitRuns() []string {
	var runs []string
	for _, row := range []string{"1234567890", "0123456789", "0987654321", "9876543210"} {
		for n := minChosen; n <= 2*len(row); n++ {
			runs = append(runs, strings.Repeat(row, 2)[:n])
		}
	}
	return runs
}

// derived are the combinations that reach twelve characters and that taking
// digits off the ends does not undo.
func derived() []string {
	var words []string
	keep := func(w string) {
		if len(w) >= minChosen {
			words = append(words, w)
		}
	}
	for _, name := range firstNames {
		for _, start := range []string{"jetaime", "monamour", "petit", "bonjour", "iloveyou", "mon", "ma", "avec", "maman", "papa"} {
			keep(start + name)
			keep(name + start)
		}
	}
	for _, start := range slices.Concat(houses, professions) {
		for _, town := range towns {
			keep(start + town)
		}
	}
	for _, a := range firstNames[:pairNames] {
		for _, b := range firstNames[:pairNames] {
			if a != b {
				keep(a + "et" + b)
				keep(a + b)
			}
		}
	}
	return append(words, aroundYears()...)
}

// aroundYears has the year in the middle: «juin2026paris», «marie1985lyon».
func aroundYears() []string {
	var words []string
	for year := yearFrom; year <= yearTo; year++ {
		for _, w := range slices.Concat(seasons, firstNames[:yearWords]) {
			if word := w + strconv.Itoa(year) + w; len(word) >= minChosen {
				words = append(words, word)
			}
		}
	}
	return words
}
