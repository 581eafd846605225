package publish

// places are the articles of the fixture, all invented.
func places() []told {
	return []told{
		{
			id: "vertice", source: "agenzia-molo", hours: 4.4, score: 0.91, origin: "Agenzia Molo", thread: "s-vertice",
			title:  "Vertice a Bruxelles: la *NATO* e il *Giappone* firmano l’intesa sulla sicurezza dei mari",
			author: "Lidia Ferrante", facets: []string{"nato-giappone"},
			paragraphs: []string{
				"La *NATO* e il *Giappone* hanno firmato oggi a Bruxelles un’intesa per sorvegliare insieme le rotte dell’Oceano Indiano. Il documento, di dodici pagine, entrerà in vigore a giugno.",
				"«È un passo che attendevamo da anni», ha detto l’ammiraglio Corrado Serra, che per l’Alleanza ha condotto il negoziato. Il ministro *giapponese* della Difesa ha ringraziato gli alleati e ha annunciato l’invio di due ufficiali di collegamento presso lo stato maggiore marittimo della *NATO*.",
				"L’intesa prevede esercitazioni comuni due volte l’anno, lo scambio di dati radar e un gruppo di lavoro sulla protezione dei cavi sottomarini. Le spese restano a carico di ciascuno.",
				"Secondo il testo, le prime manovre si terranno in autunno al largo di un porto ancora da scegliere.",
			},
			copies:   []string{"il-faro 3.9 same_text 1", "orizzonte 2.2 rewritten 0.71", "rotte 1.1 contained 0.94"},
			versions: []string{"Secondo il testo, le prime manovre si terranno in estate al largo di un porto ancora da scegliere."},
			image:    "https://agenzia-molo.example/foto/vertice.jpg",
		},
		{
			id: "gcap", source: "orizzonte", hours: 8.3, score: 0.97, facets: []string{"gcap", "italia-giappone"},
			title: "*GCAP*, il primo motore dimostrativo gira al banco: *Italia* e *Giappone* accelerano",
			paragraphs: []string{
				"Il motore dimostrativo del programma *GCAP* ha girato per la prima volta al banco di prova. Lo hanno annunciato insieme le industrie di *Italia* e *Giappone*.",
				"La prova è durata quaranta minuti e ha raggiunto la temperatura prevista. I tecnici *italiani* hanno curato la turbina di bassa pressione, quelli *giapponesi* la camera di combustione.",
			},
			copies: []string{"cieli 6 rewritten 0.66"},
		},
		{
			id: "visita", source: "rotte", hours: 27, score: 0.83, facets: []string{"italia-giappone"}, thread: "s-vertice",
			title: "Nave Levante a Tokyo: tre giorni di porte aperte per la marina *italiana* in *Giappone*",
			paragraphs: []string{
				"La nave Levante ha attraccato ieri a Tokyo, dove resterà tre giorni. È la tappa più lontana della campagna della marina *italiana* in *Giappone*.",
				"A bordo si terrà un seminario sulla sicurezza marittima. Poi la nave ripartirà verso sud.",
			},
		},
		{
			id: "porto", source: "il-faro", hours: 75, score: 0.72, facets: []string{"italia-giappone"}, thread: "s-vertice",
			title: "Tokyo prepara l’accoglienza: *Italia* e *Giappone* studiano manovre comuni",
			paragraphs: []string{
				"Gli stati maggiori di *Italia* e *Giappone* hanno aperto il confronto sulle manovre d’autunno.",
			},
		},
		{
			id: "piano", source: "ministero", hours: 24 * 12, score: 0.66, facets: []string{"nato-giappone", "italia-giappone"},
			title: "Piano d’azione con i partner del Pacifico: il punto del Ministero dei Fari",
			paragraphs: []string{
				"Il Ministero ha esposto il piano d’azione che lega la *NATO*, l’*Italia* e il *Giappone* sulla formazione degli equipaggi.",
			},
		},
		{
			id: "archivio", source: "orizzonte", hours: 24 * 41, score: 0.8, facets: []string{"gcap"},
			title: "*GCAP*, nasce l’ufficio comune: la sede *italiana* dialoga con *Tokyo*",
			paragraphs: []string{
				"L’ufficio comune del programma *GCAP* ha aperto i battenti. La sede *italiana* conta ottanta persone, quella di *Tokyo* novanta.",
			},
		},
		{
			id: "vecchio", source: "cieli", hours: 24 * 70, score: 0.7, facets: []string{"gcap"}, lang: "en",
			title: "*GCAP* partners agree on a common data link with *Japan*",
			paragraphs: []string{
				"The partners of the *GCAP* programme agreed with *Japan* on a common data link.",
			},
		},
		{
			id: "quasi", source: "il-faro", hours: 20, score: 0.42, near: true, reason: "attori citati, mai legati fra loro",
			title:      "Torneo di scherma, l’*Italia* batte il *Giappone* alla base *NATO*",
			paragraphs: []string{"La partita finì in parità. Poi l’*Italia* superò il *Giappone* davanti ai militari."},
		},
		{
			id: "fuori", source: "il-faro", hours: 21, title: "Ricetta del ramen all’italiana", paragraphs: []string{"Si comincia dal brodo."},
		},
	}
}
