"""The vocabulary of column names and of values, in English and French, with some Dutch and German.

Names of people are recognised by the name of the column only. A list of first names or surnames would
flag ordinary words (*White*, *Black*) as names of persons.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskscope.words import N_


@dataclass(frozen=True)
class Kind:
    """A kind of column: its roles, its label in words, and the names that say so.

    ``exact`` names are the whole name once neutral words (*customer*, *code*, a digit) are left out;
    ``inside`` ones count anywhere in the name, and a word that ends in ``*`` by its beginning.
    """

    key: str
    label: str
    roles: tuple[str, ...]
    exact: str = ""
    inside: str = ""
    note: str = ""


_ART_9 = N_("This is a special category of data (GDPR art. 9).")
_ART_10 = N_("Criminal convictions and offences have a rule of their own (GDPR art. 10).")
_ORIGIN_NOTE = N_(
    "Racial or ethnic origin is a special category too (GDPR art. 9); it stands among the "
    "quasi-identifiers "
    "because others can often see or know it. Make it sensitive where they cannot."
)
_QUASI_PROTECTED = ("quasi_identifiers", "protected")
_SENSITIVE_PROTECTED = ("sensitive", "protected")

# fmt: off
#: In order: where a name says several things, the first one counts.
KINDS = (
    # Direct identifiers.
    Kind("email", N_("an e-mail address"), ("identifiers",),
         exact="mail, emails, mails",
         inside="email, e mail, courriel, adresse mail, adresse electronique, mail address, emailadres"),
    Kind("fax", N_("a fax number"), ("identifiers",),
         inside="fax, telecopie, telefax"),
    Kind("phone", N_("a telephone number"), ("identifiers",),
         exact="phone, telephone, tel, mobile, portable, gsm, cell, phones, telefon, telefoon, handy, "
               "telefonnummer, telefoonnummer, mobiel, tel portable, tel mobile, tel fixe, tel domicile, "
               "phone home, phone work, phone mobile, telephone portable, telephone mobile, telephone "
               "fixe, home phone, work phone, msisdn",
         inside="phone number, cell phone, mobile phone, mobile number, numero telephone, num tel, "
                "telephone number"),
    Kind("national number", N_("a national or social security number"), ("identifiers",),
         exact="ssn, nir, bsn, nino, nin, nss, insee nir, steuer id, ine",
         inside="social security, soc sec id, soc sec, securite sociale, num secu, numero secu, no secu, "
                "national id, national number, national insurance number, burgerservicenummer, "
                "sozialversicherungsnummer, numero national, tax id, taxpayer id, numero fiscal, "
                "identifiant fiscal, passport*, passeport*, cni, carte identite, identity card, id card, "
                "personalausweis"),
    Kind("medical record", N_("a medical record number"), ("identifiers",),
         exact="ipp, mrn, nda, iep",
         inside="medical record, medical record number, numero dossier, dossier medical, dossier "
                "patient, chart number"),
    Kind("health plan", N_("a health plan or insurance policy number"), ("identifiers",),
         exact="numero adherent, num adherent, subscriber id, policy id, numero assure",
         inside="health plan, policy number, numero police, numero contrat, insurance number, "
                "beneficiary number, numero mutuelle, polisnummer"),
    Kind("account", N_("an account or card number"), ("identifiers",),
         exact="rib, pan, iban, account, accounts, compte, rekening, konto, bic iban, account id",
         inside="iban, account number, account no, numero compte, num compte, card number, credit card "
                "number, carte bancaire, numero carte, bank account, compte bancaire, rekeningnummer, "
                "kontonummer"),
    Kind("licence", N_("a certificate or licence number"), ("identifiers",),
         exact="permis, rpps, adeli, npi",
         inside="license number, licence number, license no, licence no, numero permis, permis conduire, "
                "driver license, driver licence, driving licence, driving license, certificate number"),
    Kind("vehicle", N_("a vehicle's number or plate"), ("identifiers",),
         exact="vin, plate, plaque, kenteken, kennzeichen",
         inside="license plate, licence plate, number plate, plate number, immatriculation, vehicle id, "
                "chassis number"),
    Kind("company number", N_("a company's number"), ("identifiers",),
         exact="siren, siret, kvk, vat, tva, ein, handelsregister",
         inside="numero siren, numero siret, company number, vat number, numero tva"),
    Kind("device", N_("a device number"), ("identifiers",),
         exact="imei, imsi, udid, idfa, gaid, mac, mac address, adresse mac, serial, device",
         inside="serial number, numero serie, device id, device serial, advertising id, cookie id"),
    Kind("ip", N_("an IP address"), ("identifiers",),
         exact="ip, ipv, ip addr, remote addr",
         inside="ip address, adresse ip"),
    Kind("url", N_("a web address"), ("identifiers",),
         exact="url, website, web site, homepage, site web, web, link, profile url"),
    Kind("person name", N_("a person's name"), ("identifiers",),
         exact="name, nom, names, full name, fullname, noms, naam, namen, fname, lname, prenoms, nom "
               "prenom, prenom nom, nom complet, forename, forenames, patronyme, nachname, vorname, "
               "achternaam, voornaam, nom usuel",
         inside="last name, first name, given name, family name, surname, middle name, maiden name, "
                "prenom, nom famille, nom usage, nom naissance, nom jeune fille, nom marital, nom "
                "client, nom patient, nom personne, nom salarie, father name, mother name, spouse name, "
                "partner name, nom pere, nom mere, nom conjoint, next kin"),
    Kind("login", N_("a user name"), ("identifiers",),
         exact="username, user name, login, pseudo, nickname, handle, screen name, twitter, facebook, "
               "linkedin, identifiant connexion, samaccountname"),
    Kind("address", N_("a street address"), ("identifiers",),
         exact="address, adresse, adresses, street, rue, voie, strasse, anschrift, straat, adres, "
               "hausnummer, huisnummer, address line, adresse ligne, house number, numero voie, numero "
               "rue",
         inside="street address, street name, street number, home address, postal address, adresse "
                "postale, mailing address, adresse domicile, nom voie, libelle voie"),
    Kind("photo", N_("a picture of a person"), ("identifiers",),
         exact="photo, photos, picture, portrait, avatar, photo url, image"),
    Kind("biometric", N_("biometric data"), ("identifiers",), note=_ART_9,
         exact="voiceprint, faceprint, face id",
         inside="fingerprint*, biometri*, empreinte digitale, face embedding, voice print"),
    # Keys that join records.
    Kind("household", N_("a household number"), ("household",),
         exact="hid, hhid, hh id, id hh, idmen, ident men, ori hid, foyer, foyer id, id foyer, hhnum, "
               "household, menage, household key, household no",
         inside="household id, household number, id household, id menage, menage id, numero menage, num "
                "menage, identifiant menage, numero foyer, haushalt id, huishouden id, family id, id "
                "famille, famille id"),
    Kind("person key", N_("a customer's or another person's number"), ("person",),
         exact="uid, id, code client, code patient, code adherent, identifiant, identifier, person, "
               "personne, ident ind, noind, pid, persid, customer, cust, client, patient, user, subject, "
               "matricule, individual, adherent, klant, kunde, client no, client num, patient no, no "
               "client, no patient, num patient",
         inside="person id, id person, personid, customer id, cust id, id customer, client id, id "
                "client, customer no, customer number, numero client, num client, user id, id user, "
                "userid, id utilisateur, utilisateur id, patient id, id patient, id personne, personne "
                "id, id individu, individu id, member id, id membre, employee id, id salarie, salarie "
                "id, matricule, student id, id etudiant, subject id, respondent id, entity id, "
                "participant id, klantnummer, kundennummer, id adherent, donor id, borrower id, "
                "applicant id"),
    Kind("pseudonym", N_("a pseudonym"), ("person",),
         exact="hash, token",
         inside="hash id, pseudonym*, customer hash, client hash, user hash, hashed, hashed id, person "
                "hash, patient hash, email hash, id hash, hash client, hash patient, tokenized"),
    Kind("row key", N_("a number for a record"), ("identifiers",),
         exact="uuid, guid, index, idx, rownames, rowname, row, row id, row number, rownum, unnamed, "
               "key, record, record id, rec id, rec, no, nr, num, numero, number, numer, lfd nr, sr no, "
               "sno, ref, reference, unique id, unique key, objectid, object id, case id, case number, "
               "caseid, nummer, volgnummer"),
    # What is not about who somebody is.
    Kind("weight", N_("a sampling weight"), ("weight",),
         exact="weight, weights, poids, w, wt, wgt, wts, coef, coeff, coefficient, ponderation, pond, "
               "fnlwgt, afnlwgt, perwt, hhwt, pweight, finalwt, finalwgt, extri, pondmen, pondind, "
               "ipondi, gewicht, gewichtung, wgh, weging",
         inside="sampling weight, sample weight, survey weight, final weight, person weight, household "
                "weight, household weights, design weight, poids sondage, coefficient ponderation, coef "
                "pond, ponderation individuelle, poids final, facteur extrapolation, expansion factor, "
                "hochrechnungsfaktor, weegfactor"),
    Kind("inferred", N_("something that a model made"), ("inferred",),
         exact="cluster, clusters, segment, segments, segmentation, prediction, predictions, pred, "
               "predicted, proba, prob, probability, probabilite, rating, y pred, y hat, y prob, y "
               "score, yhat, label pred, propensity, churn risk, risk class, risk level, classe risque, "
               "niveau risque, profil, profile, persona, typologie, scoring",
         inside="score, scores, predicted, y pred, label pred, segment client, customer segment, risk "
                "score, decile score, proba, propensity, predicted probability, estimated probability, "
                "score text, credit rating, instalment approved, offer granted, credit granted, decision, "
                "credit approved, loan approved, credit accorde, octroi"),
    # Special categories (GDPR art. 9), convictions (art. 10), money.
    Kind("religion", N_("religion or belief"), _SENSITIVE_PROTECTED, note=_ART_9,
         exact="faith, culte, belief, beliefs, confession, glaube, geloof, diet, regime alimentaire, "
               "dietary",
         inside="relig*, croyance*, godsdienst, konfession"),
    Kind("politics", N_("political opinions"), _SENSITIVE_PROTECTED, note=_ART_9,
         exact="party, parti, vote, voted, votes, partei, partij, ideology",
         inside="politic*, politiq*, opinion politique, parti politique, vote intention, intention vote, "
                "political party"),
    Kind("union", N_("trade-union membership"), ("sensitive",), note=_ART_9,
         exact="union, unions, gewerkschaft, vakbond",
         inside="trade union, union member*, labor union, labour union, syndica*, syndique"),
    Kind("sex life", N_("sex life or sexual orientation"), _SENSITIVE_PROTECTED, note=_ART_9,
         exact="orientation, lgbt, lgbtq",
         inside="sexual orientation, orientation sexuelle, sex orientation, sexual*, sexuel*, same sex, "
                "sex partner, sex ever, sex age, sex num, sexuality"),
    Kind("disability", N_("disability"), _SENSITIVE_PROTECTED, note=_ART_9,
         exact="rqth, aah, mdph, behinderung",
         inside="disab*, handicap*, invalid*, incapacite"),
    Kind("genetic", N_("genetic data"), ("sensitive",), note=_ART_9,
         exact="dna, adn, snp, gene, genes, karyotype",
         inside="genetic*, genetique*, genom*, genotyp*, dna, adn"),
    Kind("pregnancy", N_("pregnancy"), _SENSITIVE_PROTECTED, note=_ART_9,
         inside="pregnan*, enceinte, grossesse*, schwanger*, zwanger*"),
    Kind("health", N_("health"), ("sensitive",), note=_ART_9,
         exact="drug, drugs, treatment, symptoms, bp, stroke, avc, ald, ghm, ccam, cim, icd, dp, hiv, "
               "vih, sida, bmi, imc, bmi who, glucose, cholesterol, sante, illness, disease, diseases, "
               "maladie, medication, medicament, allergy, chol, smoke, smoker, tabac, fumeur, fumeuse, "
               "alcool, krankheit, ziekte, gezondheid, gesundheit, doctor, medecin, charlson, sofa, "
               "vaccinated, vaccin, vaccine, na to k, pulse, glycemie, traitement, traitements, "
               "systolique, ta systolique, ta diastolique, tension, motif hospitalisation",
         inside="health, dietary, diet, regime alimentaire, diagnos*, diagnosti*, disease, maladie*, "
                "patholog*, medical, medicam*, "
                "medication, medicine, allerg*, cancer, diabet*, hypertension, heart disease, depress*, "
                "mental, psych*, symptom*, surgery, chirurgi*, hospitali*, icd, cim 10, blood pressure, "
                "bp sys, bp dia, cholesterol, glucose, smok*, tobacco, tabagi*, alcohol*, alcool*, "
                "alcabuse, marijuana, marij, hard drugs, drug use, arret maladie, arret travail, sick "
                "leave, covid*, vaccin*, antecedent*, comorbid*, testosterone, bmi, hba, sleep trouble, "
                "little interest, groupe sanguin, blood type, blood group, etat sante, krankheit*, "
                "addiction"),
    Kind("crime", N_("criminal convictions or offences"), ("sensitive",), note=_ART_10,
         exact="jail, prison, charge desc, charge degree, casier, priors, in custody, out custody, recid",
         inside="arrest*, offense*, offence*, convict*, crimin*, recid, priors count, charge degree, "
                "charge desc, felon*, fel count, misd count, juv, condamnation*, infraction*, casier "
                "judiciaire, jail, prison, delit*"),
    Kind("money", N_("an amount of money (income, wealth, debts)"), ("sensitive",),
         exact="income, incomes, revenue, revenues, revenu, revenus, salary, salaire, salaires, wage, "
               "wages, pay, earnings, remuneration, debt, debts, dette, dettes, assets, wealth, "
               "patrimoine, savings, epargne, balance, solde, expend, expenditure, spending, depenses, "
               "tax, impot, impots, benefits, allocation, rsa, inkomen, einkommen, gehalt, loon, "
               "salaris, money, default, loan, deny, fam inc, hhincome, total charges, limit bal, "
               "appinc, atotinc, loanamt, amount, montant, poverty, credit amount, profit, capital, ca, "
               "pension, retraite, default flag, apl, cmu, css, quotient familial, allocations, prime, "
               "primes",
         inside="income, revenu, revenus, salary, salaire, wage, revenue, earnings, remuneration, "
                "capital gain, capital loss, bill amt, pay amt, credit amount, loan amount, claim "
                "amount, montant, total charges, savings, debt, assets, bank balance, niveau vie, net "
                "worth, credit limit, payment default, impaye*, surendettement, patrimoine, aide "
                "sociale, aides sociales"),
    # Quasi-identifiers.
    Kind("birth date", N_("a date of birth"), ("quasi_identifiers",),
         exact="dob, birthday, birthdate, naissance, birth, yob, ddn, geburtstag",
         inside="birth date, date birth, date naissance, birth year, year birth, annee naissance, birth "
                "day, born, dt naissance, dat nais, date nais, annee nais, an nais, geburtsdatum, "
                "geboortedatum, geburtsjahr, geboortejaar, mois naissance"),
    Kind("origin", N_("racial or ethnic origin"), _QUASI_PROTECTED, note=_ORIGIN_NOTE,
         exact="race, ethnie, etni, ethnic, ethnicity, black, white, hispan, hispanic, afam, origin, "
               "origine, herkunft, herkomst, asian, caste, skin color, skin colour, couleur peau",
         inside="race, ethni*, origine ethnique, racial, african american"),
    Kind("nationality", N_("nationality, country of birth or language"), _QUASI_PROTECTED,
         exact="national, nationality, nationalite, nationaliteit, countryb, citizenship, citizen, "
               "foreign, foreigner, etranger, immigrant, migrant, immigration, language, langue, "
               "langues, foreign worker, lnais, native, staatsangehorigkeit",
         inside="nationalit*, native country, birth country, country birth, country of birth, pays "
                "naissance, lieu naissance, birth place, place birth, birthplace, mother tongue, langue "
                "maternelle, citizenship, geburtsland, geboorteland, titre sejour"),
    Kind("sex", N_("sex or gender"), _QUASI_PROTECTED,
         exact="sex, sexe, gender, genre, male, female, civilite, geschlecht, geslacht, femme, homme, is "
               "male, is female, sexo, gndr, salutation, titre civilite",
         inside="gender, sexe"),
    Kind("age", N_("age"), _QUASI_PROTECTED,
         exact="age, ages, agegr, age years, age year, age annees, age ans, age decade, age months, "
               "agecat, agegroup, agecl, aged, senior citizen, senior, tranche age, age cat, age "
               "category, age group, age range, age band, leeftijd, alter, driv age, age conducteur, age "
               "conjoint, trage, ageq, agea, ageyoung, age revolu, age revolus, age today, age "
               "admission, age at admission, age diagnosis",
         inside="tranche age, classe age, age group, age band, age range, groupe age"),
    Kind("region", N_("a country, state or region"), ("quasi_identifiers",),
         exact="state, region, regions, province, country, pays, land, countryw, regio, bundesland, reg, "
               "etat, provincie, country code, home country, region name, residence country, pays "
               "residence, nation"),
    Kind("place", N_("a place"), ("quasi_identifiers",),
         exact="zip, zipcode, zip code, postcode, cp, plz, city, ville, commune, town, suburb, "
               "departement, dept, dep residence, county, canton, insee, codgeo, depcom, district, "
               "quartier, arrondissement, iris, lat, lng, lon, long, latitude, longitude, gps, "
               "coordinates, geo, residence, location, localisation, localite, stadt, gemeente, "
               "woonplaats, plaats, ort, gemeinde, wijk, buurt, neighborhood, neighbourhood, msa, cbsa, "
               "census tract, tract, fips, place, lieu, agglomeration, municipality, borough, parish, "
               "epci, zone, geohash, coord, coord x, coord y, x lambert, y lambert, lambert x, lambert "
               "y, gps lat, gps lon, gps lng, ville naissance, dept naissance, departement naissance, "
               "commune naissance",
         inside="code postal, postal code, zip code, post code, zipcode, postleitzahl, code commune, "
                "code insee, commune residence, nom commune, lieu residence, census tract, birth city, "
                "ville residence"),
    Kind("urbanisation", N_("town or country"), ("quasi_identifiers",),
         exact="urban, rural, urbrur, degurba, residence type, placesize, tu, type residence, "
               "urbanisation, urbanization, taille commune"),
    Kind("occupation", N_("an occupation, a contract or an employer"), ("quasi_identifiers",),
         exact="occupation, profession, job, jobs, metier, emploi, beruf, beroep, csp, pcs, socprof, "
               "socio categ, workclass, work, work type, employer, employeur, position, poste, fonction, "
               "isco, nace, naf, occucode, sector, secteur, industry, grade, employment, ilostat, "
               "empstat, activity, activite, branche, rang, rank, company, entreprise, school, ecole, "
               "stapro, positionnement, corps, self emp, selfemp, soc prof, occup, function, functie, "
               "service affectation, department, anciennete, seniority, contrat, contract type, type "
               "contrat, temps partiel",
         inside="job title, work class, type employer, employment status, socio professionnel*, "
                "categorie socio*, profession*, statut emploi, situation professionnelle, occupation "
                "code, marital occupation, employment since"),
    Kind("education", N_("education"), ("quasi_identifiers",),
         exact="education, edu, educ, educlevl, educstat, hatlev, diplome, diplomes, degree, study, "
               "etudes, qualification, opleiding, bildung, ausbildung, eduspec, tier, schooling, dipl, "
               "hatfield, education num, education years",
         inside="niveau etude, niveau etudes, niveau diplome, education level, highest degree, niveau "
                "scolaire"),
    Kind("family", N_("marital status"), _QUASI_PROTECTED,
         exact="marital, married, marriage, hhcivil, marstat, mari stat, matrimonial, single, statmat, "
               "maritalstat, etat civil, ever married, familienstand, zivilstand, burgerlijke staat, "
               "pacs, stat conj",
         inside="marital status, situation familiale, situation matrimoniale, etat matrimonial, statut "
                "marital, civil status"),
    Kind("household make-up", N_("family or household make-up"), ("quasi_identifiers",),
         exact="relationship, relat, partner, dependents, children, enfants, conjoint, spouse, hhtype, "
               "hhsize, hh size, nb enf, nbenf, nenf, family size, famsize, kids, nb children, n "
               "children, typmen, nbpers, kindpers, npers, kinder, kinderen, lien parente, nof children, "
               "number children, nb enfants, nombre enfants, n babies, nofriend, tuteur",
         inside="household size, household type, taille menage, nombre enfants, nb enfants, number of "
                "children, type menage, family status, situation menage, nb personnes, composition "
                "familiale"),
    Kind("housing", N_("housing"), ("quasi_identifiers",),
         exact="housing, home own, home ownership, logement, tenure, roof, walls, electcon, water, "
               "dwelling, wohnung, woning, home rooms, statut occupation, homeown",
         inside="statut occupation, type logement"),
    Kind("vehicle kind", N_("a vehicle"), ("quasi_identifiers",),
         exact="car, voiture, vehicle, vehicule, marque, modele, make, veh age, veh body, veh price, veh "
               "brand, veh class, auto"),
    Kind("date", N_("a date"), ("quasi_identifiers",),
         exact="date, datetime, year, annee, month, mois, day, jour, week, semaine, quarter, trimestre, "
               "day week, weekday, jahr, jaar, datum, visit date, survey yr, timestamp, heure, hour, "
               "time",
         inside="admission date, date admission, date deces, death date, date entree, date sortie, "
                "discharge date, date visite, hire date, date embauche, date mariage, date soins, exam "
                "date, jour semaine, day of week"),
    # No part of their own, but good to know.
    Kind("technical date", N_("when the record was written"), (),
         exact="created, updated, modified, inserted, loaded, extraction, etl",
         inside="created at, updated at, date creation, date maj, date modification, load date, date "
                "extraction, insert date"),
    Kind("dealings date", N_("dealings with the firm that holds the data"), (),
         note=N_("Somebody outside seldom knows these; name it a quasi-identifier where they may."),
         inside="customer since, client since, member since, client depuis, last order, first order, order "
                "date, date commande, derniere commande, last login, last purchase, dernier achat, signup "
                "date, date inscription, consent, consentement, subscription date, date abonnement"),
    Kind("body measure", N_("a body measure"), (),
         exact="height, taille, stature, bodyweight, head circ, length, grosse, lengte, gewicht kg, "
               "poids kg, weight kg, height cm, taille cm",
         inside="body weight, poids corporel, body height"),
)
#: Words that show what a column holds: kind, words, how many different ones must be there.
VALUE_WORDS: tuple[tuple[str, frozenset[str], int], ...] = tuple(
    (key, frozenset(word.strip() for word in words.split(",")), least)
    for key, words, least in (
        ("sex",
         "f, female, feminin, femme, frau, h, homme, m, male, man, mann, masculin, non-binary, vrouw, "
         "woman",
         2),
        ("religion",
         "agnostic, agnostique, anglican, athee, atheist, bouddhiste, buddhism, buddhist, casher, "
         "catholic, catholique, chretien, chretienne, christian, evangelical, evangelisch, halal, "
         "hindou, hindu, hinduism, islam, jehovah's witness, jewish, judaism, juif, juive, katholiek, "
         "katholisch, kosher, lutheran, mormon, moslem, muslim, musulman, musulmane, orthodox, "
         "orthodoxe, protestant, protestante, sikh",
         2),
        ("health",
         "aids, alzheimer, angina, anxiety, arthritis, arthrose, asthma, asthme, avc, bpco, breast "
         "cancer, bronchite, bronchitis, cancer, copd, covid-19, depression, diabete, diabetes, "
         "dyslipidemia, dyspepsia, epilepsie, epilepsy, flu, fracture, gastric ulcer, gastrite, "
         "gastritis, grippe, heart disease, heart failure, heart-related, hepatite, hepatitis, hiv, "
         "hypertension, hypertension arterielle, indigestion, influenza, insuffisance cardiaque, "
         "leucemie, leukemia, lung cancer, migraine, multiple sclerosis, obesite, obesity, parkinson, "
         "pneumonia, pneumonie, schizophrenia, schizophrenie, sclerose en plaques, sida, stomach cancer, "
         "stroke, tb, tuberculose, tuberculosis, ulcer, vih, viral infection",
         2),
        ("sex life",
         "bisexual, bisexuel, gay, hetero, heterosexual, heterosexuel, homosexual, homosexuel, lesbian, "
         "lesbienne",
         2),
        ("origin",
         "african american, african-american, amer-indian-eskimo, arab, arabe, asian, "
         "asian-pac-islander, black, caucasian, hispanic, latino, maghrebin, mexican, native american, "
         "noir, non-white, pacific islander, roma",
         2),
        ("union",
         "cfdt, cfe-cgc, cftc, cgt, cnv, fnv, fo, force ouvriere, igm, solidaires, sud, unsa, ver.di",
         2),
    )
)
#: One of these among the values of a column is enough: what people eat shows what they believe.
RELIGIOUS_DIETS = frozenset({
    "halal", "hallal", "casher", "cacher", "kascher", "kosher", "koscher", "koosjer", "sans porc", "no pork",
})
# fmt: on
BY_KEY = {kind.key: kind for kind in KINDS}
