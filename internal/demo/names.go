package demo

// Names of the large organisations. The lengths of the lists, 82 and 148, meet
// again after 6,068 people only: no two of one organisation have the same name.
var (
	women = []string{
		"Adèle", "Agnès", "Alice", "Amélie", "Anaïs", "Anne-Laure", "Assia", "Audrey", "Aurore", "Béatrice", "Camille", "Capucine",
		"Caroline", "Chloé", "Clémence", "Coline", "Delphine", "Éléonore", "Estelle", "Eugénie", "Fanny", "Florence", "Gaëlle",
		"Inès", "Jeanne", "Joséphine", "Karima", "Léna", "Lucie", "Maëlys", "Manon", "Marie", "Mathilde", "Nadia", "Nolwenn",
		"Océane", "Pauline", "Raphaëlle", "Solène", "Yasmine", "Zoé",
	}
	men = []string{
		"Adrien", "Alexandre", "Amadou", "Antoine", "Arnaud", "Baptiste", "Benoît", "Bilal", "Cédric", "Clément", "Damien", "Édouard",
		"Émile", "Erwan", "Fabrice", "Florian", "François", "Gaël", "Grégoire", "Guillaume", "Hervé", "Ismaël", "Jean-Baptiste",
		"Jérôme", "Julien", "Karim", "Kévin", "Léo", "Loïc", "Malo", "Martin", "Mathieu", "Mehdi", "Nicolas", "Olivier", "Quentin",
		"Rayan", "Sébastien", "Théo", "Victor", "Yann",
	}
	families = []string{
		"Abgrall", "Allain", "André", "Arnaud", "Aubert", "Bailly", "Barbier", "Baron", "Benard", "Benoit", "Berger", "Bertrand",
		"Besnard", "Blanchard", "Bonnet", "Boucher", "Bouchet", "Boulanger", "Bourgeois", "Bouvier", "Boyer", "Briand", "Brun",
		"Brunet", "Cadiou", "Camus", "Carpentier", "Caron", "Carré", "Charles", "Charpentier", "Chauvin", "Cissé", "Clerc", "Cohen",
		"Colin", "Collet", "Cordier", "Cousin", "Coulibaly", "Daniel", "Da Silva", "David", "Delaunay", "Denis", "Deschamps", "Diop",
		"Dubois", "Dufour", "Dumas", "Dupuis", "Durand", "Étienne", "Évrard", "Fabre", "Fernandes", "Ferrand", "Fleury", "Fontaine",
		"Fournier", "Gaillard", "Garcia", "Gautier", "Georges", "Gérard", "Gillet", "Girard", "Gonzalez", "Goncalves", "Guichard",
		"Guillou", "Hamon", "Henry", "Herve", "Hoarau", "Huet", "Humbert", "Jacquet", "Jaouen", "Joly", "Kerdoncuff", "Klein",
		"Lacroix", "Laurent", "Lebreton", "Leclerc", "Lecomte", "Le Bihan", "Le Gall", "Le Roux", "Legrand", "Lemoine", "Lopez",
		"Louis", "Lucas", "Mahé", "Maillard", "Marchand", "Marie", "Marty", "Masson", "Mathieu", "Ménard", "Mercier", "Meunier",
		"Michel", "Millet", "Monnier", "Moreau", "Morin", "Moulin", "Muller", "N’Diaye", "Noël", "Ollivier", "Paris", "Pascal",
		"Pasquier", "Perrin", "Perrot", "Philippe", "Picard", "Pichon", "Poirier", "Prévost", "Quéméneur", "Rault", "Renard",
		"Renault", "Rivière", "Robin", "Rodriguez", "Rolland", "Roussel", "Royer", "Salaün", "Schneider", "Tessier", "Texier",
		"Thomas", "Tréguier", "Vaillant", "Vallée", "Verdier", "Vincent", "Voisin", "Zerrouki", "Zimmermann",
	}
)

// pair is a profession in the feminine and the masculine.
type pair struct{ woman, man job }

func same(j job) pair { return pair{j, j} }

// professions of a territory: everybody who cares there.
var territory = []pair{
	same(physician("Médecin généraliste")), {regulated("nurse", "Infirmière"), regulated("nurse", "Infirmier")},
	same(regulated("physiotherapist", "Kinésithérapeute")), {regulated("pharmacist", "Pharmacienne"), regulated("pharmacist", "Pharmacien")},
	{regulated("nurse", "Infirmière"), regulated("nurse", "Infirmier")}, same(regulated("other", "Orthophoniste")),
	same(physician("Médecin généraliste")), same(regulated("psychologist", "Psychologue")), same(regulated("dentist", "Chirurgien-dentiste")),
	same(regulated("midwife", "Sage-femme")), {office("secretary", "Secrétaire médicale"), office("secretary", "Secrétaire médical")},
	{regulated("other", "Diététicienne"), regulated("other", "Diététicien")}, same(regulated("other", "Pédicure-podologue")),
}

// professions of a clinic.
var wards = []pair{
	{regulated("nurse", "Infirmière"), regulated("nurse", "Infirmier")}, same(physician("Anesthésiste-réanimateur")),
	{regulated("nurse", "Infirmière de bloc"), regulated("nurse", "Infirmier de bloc")},
	{office("secretary", "Secrétaire médicale"), office("secretary", "Secrétaire médical")}, same(physician("Cardiologue")),
	{regulated("nurse", "Infirmière"), regulated("nurse", "Infirmier")}, same(physician("Chirurgien orthopédiste")),
	{office("medical_assistant", "Assistante médicale"), office("medical_assistant", "Assistant médical")},
	same(regulated("physiotherapist", "Kinésithérapeute")), {regulated("pharmacist", "Pharmacienne"), regulated("pharmacist", "Pharmacien")},
	same(physician("Radiologue")), {office("manager", "Responsable de service"), office("manager", "Responsable de service")},
	{regulated("nurse", "Cadre de santé"), regulated("nurse", "Cadre de santé")}, {office("it", "Technicienne informatique"), office("it", "Technicien informatique")},
}
