"""Given names by decade and sex, family names, and names of immigrant origin: the package's own short lists.

They are combined freely. Any likeness to a person is chance. Words are parted by blanks; an underscore stands
for a blank within a name.
"""

from __future__ import annotations


def _words(text: str) -> list[str]:
    """Return the words of a text as a list."""
    return [word.replace("_", " ") for word in text.split()]


# Decade of birth (its first year) -> given names, the most frequent first. The first decade holds all before.
_WOMEN = {
    1930: """
        Jeanne Marie Simone Denise Paulette Yvonne Jacqueline Madeleine Odette Yvette Andrée Georgette
        Ginette Suzanne Gisèle Lucienne Raymonde Huguette Renée Colette Thérèse Marcelle Germaine Solange
    """,
    1940: """
        Monique Marie Jacqueline Nicole Françoise Jeannine Danielle Michèle Christiane Josette Annie Colette
        Claudine Éliane Bernadette Jocelyne Marie-Thérèse Arlette Micheline Ginette Liliane Yvette Geneviève
        Paulette
    """,
    1950: """
        Martine Françoise Monique Catherine Nicole Brigitte Chantal Annie Christine Sylvie Dominique
        Jocelyne Michèle Marie-Christine Évelyne Patricia Danielle Élisabeth Anne Ghislaine Bernadette
        Mireille Odile Joëlle
    """,
    1960: """
        Sylvie Catherine Christine Véronique Nathalie Isabelle Brigitte Patricia Corinne Pascale Valérie
        Laurence Florence Martine Dominique Marie Agnès Béatrice Fabienne Muriel Anne Carole Hélène Myriam
    """,
    1970: """
        Nathalie Sandrine Stéphanie Valérie Isabelle Karine Sophie Céline Laurence Delphine Virginie
        Christelle Séverine Florence Carole Laetitia Sabrina Caroline Magali Anne Hélène Sonia Estelle
        Vanessa
    """,
    1980: """
        Aurélie Émilie Céline Julie Élodie Laetitia Stéphanie Virginie Audrey Jennifer Mélanie Sabrina
        Vanessa Delphine Marie Laura Amandine Jessica Charlotte Sarah Alexandra Cindy Marion Fanny
    """,
    1990: """
        Marine Laura Camille Marion Pauline Manon Mathilde Julie Anaïs Justine Morgane Océane Léa Sarah
        Marie Chloé Charlotte Mélissa Elodie Clara Alexandra Margaux Lucie Emma
    """,
    2000: """
        Léa Emma Manon Chloé Camille Inès Sarah Océane Clara Lucie Marie Anaïs Mathilde Eva Lisa Jade Louise
        Laura Maëlys Romane Zoé Lola Juliette Margot
    """,
    2010: """
        Louise Jade Emma Alice Chloé Lina Rose Léna Anna Mila Ambre Julia Inès Zoé Léa Juliette Agathe Lou
        Romane Jeanne Iris Alba Charlie Romy
    """,
}
_MEN = {
    1930: """
        Jean Pierre André Michel Roger Robert Marcel René Jacques Claude Georges Louis Maurice Raymond Henri
        Paul Guy Fernand Lucien Roland Albert Marc Gilbert Émile
    """,
    1940: """
        Jean Michel Claude Jean-Claude Pierre Bernard Gérard Jacques Daniel André Jean-Pierre Alain Guy
        Christian Roger René Robert Serge Francis Georges Yves Marcel Raymond Gilbert
    """,
    1950: """
        Michel Alain Philippe Patrick Jean-Pierre Christian Bernard Daniel Gérard Jean Pierre Jacques
        Dominique Serge Jean-Claude Jean-Luc Didier Pascal Joël Yves Francis Denis Gilles Marc
    """,
    1960: """
        Philippe Thierry Pascal Eric Patrick Laurent Christophe Didier Frédéric Bruno Alain Stéphane Olivier
        Gilles Marc Franck Hervé Michel Denis Dominique Fabrice Vincent Xavier Jean-Marc
    """,
    1970: """
        Christophe Stéphane David Laurent Frédéric Sébastien Nicolas Olivier Jérôme Éric Cédric Franck
        Fabrice Guillaume Alexandre Vincent Arnaud Grégory Ludovic Emmanuel Thomas Samuel Yann Benoît
    """,
    1980: """
        Nicolas Julien Guillaume Sébastien Thomas Alexandre Romain Mickaël Jérémy Anthony Benjamin Cédric
        Vincent Mathieu Jonathan Maxime Florian Aurélien Pierre Kévin Damien Fabien Yoann Loïc
    """,
    1990: """
        Kévin Thomas Alexandre Maxime Nicolas Julien Quentin Antoine Valentin Florian Clément Jordan Romain
        Anthony Alexis Hugo Dylan Lucas Théo Adrien Guillaume Corentin Bastien Pierre
    """,
    2000: """
        Lucas Théo Thomas Hugo Enzo Maxime Mathis Nathan Louis Alexandre Clément Antoine Léo Tom Paul
        Baptiste Arthur Noah Jules Raphaël Evan Axel Romain Maël
    """,
    2010: """
        Gabriel Louis Raphaël Jules Adam Léo Lucas Hugo Arthur Nathan Liam Ethan Paul Noah Sacha Maël Tom
        Aaron Mohamed Malo Eden Gabin Marceau Côme
    """,
}
GIVEN_DECADES = tuple(_WOMEN)
GIVEN_FRENCH = {
    "F": [_words(each) for each in _WOMEN.values()],
    "M": [_words(each) for each in _MEN.values()],
}

FAMILY_FRENCH = _words("""
    Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux
    David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre
    Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Perrin Robin Clément
    Morin Nicolas Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer
    Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard
    Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix
    Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte Dupuy Jean
    Guillot Hubert Berger Carpentier Dupuis Moulin Louis Deschamps Huet Vasseur Perez Boucher Fleury Royer
    Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard
    Baron Bertin Bailly Hervé Schneider Le_Gall Collet Léger Bouvier Julien Prévost Millet Daniel Cousin
    Germain Breton Besson Langlois Rémy Le_Goff Pelletier Lévêque Perrier Leblanc Barré Lebrun Marchal Weber
    Mallet Hamon Boulanger Jacob Monnier Michaud Guichard Poulain Étienne Tanguy Humbert Gay Chevallier
    Perrot Lamy Gillet Delmas Bouchet Maury Casanova Santoni Etcheverry Le_Bihan Kerjean Vandamme Delattre
    Kieffer
""")
# Rare family names are a beginning and an ending put together.
FAMILY_BEGINNINGS = _words("""
    Aub Barb Bell Berth Blanch Bouss Brem Cass Chab Chamb Chass Coll Corb Coud Delb Desm Dorl Escal Fauch
    Ferr Flam Foug Gall Garr Gib Gond Gran Grim Hour Jaub Jol Labr Lans Lav Loub Mal Marg Mass Mont Mor Nav
    Pag Pell Perr Pich Pons Pourr Quint Rab Ram Rib Roch Sab Salv Serr Taill Tass Teyss Vall Vern Vign Vill
""")
FAMILY_ENDINGS = _words("""
    ac ade aire ais and ard aud eau el elin enc eray eret et eux ic ier ière in iol oin ol on ot ou ouin uc
    y
""")

# Origin -> countries of birth with weights, given names of women and of men, family names.
_ORIGINS = {
    "southern Europe": {
        "countries": "Portugal*6 Italy*3 Spain*3",
        "women": """
            Maria Ana Fátima Isabel Sofia Lucia Carmen Rosa Paula Inês Giulia Teresa Elena Catarina
        """,
        "men": """
            José Manuel António Carlos Paulo João Luis Marco Giuseppe Antonio Miguel Pedro Francesco Rui
        """,
        "family": """
            da_Silva dos_Santos Ferreira Pereira Rodrigues Fernandes Gonçalves Lopes Marques Alves Ribeiro
            Pinto Carvalho Teixeira Garcia Lopez Sanchez Gomez Fernandez Rossi Ferrari Esposito Romano Costa
        """,
    },
    "northern and eastern Europe": {
        "countries": "Belgium*3 Germany*3 Poland*3 Romania*4",
        "women": """
            Anna Katarzyna Maria Elena Ioana Sabine Petra Monika Magdalena Anke Andreea Els Griet Joanna
        """,
        "men": """
            Piotr Andrei Thomas Stefan Mihai Jan Tomasz Ion Klaus Jürgen Pieter Marek Florin Dirk
        """,
        "family": """
            Kowalski Nowak Wiśniewski Wójcik Popescu Ionescu Popa Radu Dumitru Müller Schmidt Fischer Wagner
            Becker Peeters Janssens Maes Claes Kamiński Zieliński Stan Munteanu
        """,
    },
    "Maghreb": {
        "countries": "Algeria*10 Morocco*9 Tunisia*4",
        "women": """
            Fatima Khadija Samira Nadia Malika Karima Leïla Yasmina Aïcha Amina Nawal Houria Rachida Zohra
            Salma Meriem Ines Sabrina
        """,
        "men": """
            Mohamed Ahmed Karim Rachid Ali Mustapha Youssef Said Abdelkader Omar Hassan Kamel Nabil Farid
            Mehdi Bilal Samir Hicham
        """,
        "family": """
            Benali Bouzid Haddad Mansouri Saidi Belkacem Cherif Amrani El_Idrissi Bennani Alaoui Ben_Salah
            Trabelsi Hamdi Brahimi Ziani Khelifi Meziane Boudjemaa Rahmani Slimani Bensaid Tazi Berrada
            Jaziri
        """,
    },
    "sub-Saharan Africa": {
        "countries": "Senegal*4 Mali*4 Ivory_Coast*4 Cameroon*3 DR_Congo*3 Comoros*2",
        "women": """
            Awa Fatou Aminata Mariam Aïssatou Adama Grâce Marie Kadiatou Rokia Bintou Esther Clarisse Nadège
            Fanta Coumba
        """,
        "men": """
            Mamadou Ibrahima Moussa Amadou Ousmane Abdoulaye Cheikh Jean-Paul Emmanuel Boubacar Patrice
            Serge Lassana Issa Modibo Alassane
        """,
        "family": """
            Diallo Traoré Diop Ndiaye Coulibaly Keita Camara Koné Touré Sow Ba Cissé Fofana Sissoko Kouassi
            Konaté Mbaye Fall Gueye Nguemo Kabongo Ilunga Mbarga Saïd_Ali Bamba
        """,
    },
    "Turkey": {
        "countries": "Turkey*1",
        "women": "Fatma Ayşe Emine Zeynep Elif Hatice Merve Sevgi Gülşen Dilek",
        "men": "Mehmet Mustafa Ahmet Ali Hasan Murat Emre Yusuf Serkan Kemal",
        "family": """
            Yılmaz Kaya Demir Şahin Çelik Yıldız Aydın Öztürk Arslan Doğan Koç Polat Kurt Özdemir
        """,
    },
    "Asia": {
        "countries": "Vietnam*3 China*4 Sri_Lanka*2",
        "women": "Linh Mai Thu Lan Hoa Wei Li Jing Xiaoyan Mei Nisha Priya Kumari Yan",
        "men": "Minh Hung Tuan Duc Wei Jun Lei Jian Ravi Suresh Kumar Quang Bo Hao",
        "family": """
            Nguyen Tran Le Pham Huynh Wang Li Zhang Chen Liu Wu Zhou Perera Fernando Rajah Lin Hu
        """,
    },
}
ORIGINS = {origin: {kind: _words(text) for kind, text in lists.items()} for origin, lists in _ORIGINS.items()}
EUROPEAN_UNION = ("Portugal", "Italy", "Spain", "Belgium", "Germany", "Poland", "Romania")
