"""French communes with their postcode and rough size: the package's own short list, real names and codes."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

# One commune a line: postcode, name, inhabitants in hundreds (rough: it only sets how often it is drawn).
# A town with several postcodes stands once for each; villages that share a postcode stand together.
_COMMUNES = """
01000 Bourg-en-Bresse 410; 01100 Oyonnax 220; 01200 Valserhône 160; 01300 Belley 90; 01560 Saint-Trivier-de-Courtes 11; 01560 Mantenay-Montlin 3
02000 Laon 240; 02100 Saint-Quentin 530; 02200 Soissons 280; 02140 Vervins 24; 02360 Rozoy-sur-Serre 10
03000 Moulins 200; 03100 Montluçon 340; 03200 Vichy 250; 03360 Saint-Bonnet-Tronçais 7
04000 Digne-les-Bains 170; 04100 Manosque 220; 04400 Barcelonnette 26; 04360 Moustiers-Sainte-Marie 7
05000 Gap 410; 05100 Briançon 110; 05200 Embrun 62; 05350 Saint-Véran 2
06000 Nice 1200; 06100 Nice 1000; 06200 Nice 800; 06300 Nice 450; 06400 Cannes 740; 06600 Antibes 730; 06130 Grasse 480; 06430 Tende 22
07000 Privas 85; 07100 Annonay 165; 07200 Aubenas 125; 07140 Les Vans 27
08000 Charleville-Mézières 460; 08200 Sedan 165; 08300 Rethel 78; 08250 Grandpré 5
09000 Foix 96; 09100 Pamiers 160; 09200 Saint-Girons 62; 09110 Ax-les-Thermes 13
10000 Troyes 620; 10100 Romilly-sur-Seine 145; 10200 Bar-sur-Aube 48; 10340 Les Riceys 12
11000 Carcassonne 470; 11100 Narbonne 560; 11400 Castelnaudary 120; 11350 Cucugnan 1
12000 Rodez 240; 12100 Millau 220; 12200 Villefranche-de-Rouergue 120; 12320 Conques-en-Rouergue 16
13001 Marseille 400; 13003 Marseille 520; 13004 Marseille 490; 13005 Marseille 460; 13008 Marseille 800; 13009 Marseille 770; 13012 Marseille 620; 13013 Marseille 930; 13014 Marseille 620; 13015 Marseille 780; 13100 Aix-en-Provence 1050; 13200 Arles 510; 13500 Martigues 480; 13520 Les Baux-de-Provence 4
14000 Caen 1060; 14100 Lisieux 200; 14400 Bayeux 130; 14950 Beaumont-en-Auge 4
15000 Aurillac 260; 15100 Saint-Flour 66; 15200 Mauriac 36; 15140 Salers 3
16000 Angoulême 410; 16100 Cognac 185; 16400 La Couronne 80; 16210 Chalais 18
17000 La Rochelle 770; 17100 Saintes 250; 17200 Royan 185; 17300 Rochefort 240; 17880 Les Portes-en-Ré 6
18000 Bourges 640; 18100 Vierzon 250; 18200 Saint-Amand-Montrond 96; 18300 Sancerre 14
19000 Tulle 145; 19100 Brive-la-Gaillarde 470; 19200 Ussel 93; 19500 Collonges-la-Rouge 5
20000 Ajaccio 720; 20200 Bastia 480; 20250 Corte 75; 20169 Bonifacio 32; 20137 Porto-Vecchio 120; 20100 Sartène 35; 20228 Luri 7; 20224 Calacuccia 3
21000 Dijon 1590; 21200 Beaune 205; 21300 Chenôve 140; 21150 Flavigny-sur-Ozerain 3
22000 Saint-Brieuc 440; 22100 Dinan 145; 22300 Lannion 200; 22870 Île-de-Bréhat 4
23000 Guéret 130; 23200 Aubusson 33; 23300 La Souterraine 51; 23340 Faux-la-Montagne 4
24000 Périgueux 300; 24100 Bergerac 270; 24200 Sarlat-la-Canéda 90; 24220 Beynac-et-Cazenac 5
25000 Besançon 1190; 25200 Montbéliard 255; 25300 Pontarlier 175; 25580 Étalans 15
26000 Valence 640; 26100 Romans-sur-Isère 330; 26200 Montélimar 400; 26150 Die 47
27000 Évreux 470; 27200 Vernon 240; 27400 Louviers 180; 27480 Lyons-la-Forêt 7
28000 Chartres 385; 28100 Dreux 310; 28200 Châteaudun 130; 28400 Nogent-le-Rotrou 93
29000 Quimper 630; 29200 Brest 1390; 29600 Morlaix 147; 29990 Île-de-Sein 3; 29242 Ouessant 8
30000 Nîmes 1000; 30900 Nîmes 480; 30100 Alès 410; 30200 Bagnols-sur-Cèze 180; 30750 Trèves 1
31000 Toulouse 900; 31100 Toulouse 800; 31200 Toulouse 900; 31300 Toulouse 700; 31400 Toulouse 800; 31500 Toulouse 700; 31770 Colomiers 390; 31800 Saint-Gaudens 118; 31110 Bagnères-de-Luchon 22
32000 Auch 220; 32100 Condom 66; 32500 Fleurance 60; 32330 Gondrin 12
33000 Bordeaux 1100; 33100 Bordeaux 300; 33200 Bordeaux 500; 33300 Bordeaux 350; 33800 Bordeaux 350; 33700 Mérignac 740; 33600 Pessac 660; 33500 Libourne 245; 33430 Bazas 48; 33840 Captieux 13
34000 Montpellier 1000; 34070 Montpellier 800; 34080 Montpellier 700; 34090 Montpellier 500; 34500 Béziers 790; 34200 Sète 440; 34190 Ganges 39; 34725 Saint-Saturnin-de-Lucian 3
35000 Rennes 1100; 35200 Rennes 600; 35700 Rennes 500; 35400 Saint-Malo 470; 35300 Fougères 205; 35380 Paimpont 18
36000 Châteauroux 430; 36100 Issoudun 115; 36300 Le Blanc 63; 36220 Tournon-Saint-Martin 11
37000 Tours 850; 37100 Tours 350; 37200 Tours 170; 37300 Joué-lès-Tours 380; 37500 Chinon 83; 37460 Montrésor 3
38000 Grenoble 900; 38100 Grenoble 680; 38200 Vienne 300; 38300 Bourgoin-Jallieu 290; 38710 Mens 14; 38520 Le Bourg-d'Oisans 32
39000 Lons-le-Saunier 170; 39100 Dole 240; 39200 Saint-Claude 90; 39210 Baume-les-Messieurs 2
40000 Mont-de-Marsan 300; 40100 Dax 210; 40600 Biscarrosse 145; 40630 Sabres 12
41000 Blois 460; 41100 Vendôme 165; 41200 Romorantin-Lanthenay 178; 41120 Cormeray 15
42000 Saint-Étienne 1000; 42100 Saint-Étienne 730; 42300 Roanne 345; 42400 Saint-Chamond 350; 42440 Noirétable 15
43000 Le Puy-en-Velay 190; 43100 Brioude 66; 43200 Yssingeaux 73; 43160 La Chaise-Dieu 6
44000 Nantes 1300; 44100 Nantes 800; 44200 Nantes 450; 44300 Nantes 700; 44600 Saint-Nazaire 720; 44800 Saint-Herblain 500; 44110 Châteaubriant 122; 44350 Guérande 168
45000 Orléans 850; 45100 Orléans 310; 45200 Montargis 150; 45500 Gien 135; 45360 Châtillon-sur-Loire 31
46000 Cahors 200; 46100 Figeac 98; 46300 Gourdon 39; 46330 Saint-Cirq-Lapopie 2
47000 Agen 330; 47200 Marmande 175; 47300 Villeneuve-sur-Lot 220; 47120 Duras 12
48000 Mende 125; 48200 Saint-Chély-d'Apcher 42; 48400 Florac Trois Rivières 20; 48220 Vialas 4
49000 Angers 1200; 49100 Angers 370; 49300 Cholet 540; 49400 Saumur 270; 49350 Gennes-Val-de-Loire 88
50000 Saint-Lô 195; 50100 Cherbourg-en-Cotentin 780; 50300 Avranches 103; 50170 Le Mont-Saint-Michel 1; 50760 Barfleur 6
51000 Châlons-en-Champagne 430; 51100 Reims 1810; 51200 Épernay 220; 51800 Sainte-Menehould 40
52000 Chaumont 215; 52100 Saint-Dizier 230; 52200 Langres 78; 52160 Auberive 2
53000 Laval 490; 53100 Mayenne 130; 53200 Château-Gontier-sur-Mayenne 168; 53270 Sainte-Suzanne-et-Chammes 13
54000 Nancy 1050; 54500 Vandœuvre-lès-Nancy 300; 54300 Lunéville 180; 54400 Longwy 150; 54740 Haroué 5
55000 Bar-le-Duc 147; 55100 Verdun 165; 55200 Commercy 55; 55600 Montmédy 19
56000 Vannes 540; 56100 Lorient 580; 56300 Pontivy 148; 56360 Le Palais 27; 56780 Île-aux-Moines 6
57000 Metz 900; 57070 Metz 310; 57100 Thionville 420; 57200 Sarreguemines 205; 57600 Forbach 215; 57930 Fénétrange 7
58000 Nevers 330; 58200 Cosne-Cours-sur-Loire 95; 58120 Château-Chinon (Ville) 20; 58140 Lormes 12
59000 Lille 1500; 59800 Lille 800; 59100 Roubaix 985; 59200 Tourcoing 990; 59140 Dunkerque 860; 59300 Valenciennes 430; 59500 Douai 395; 59400 Cambrai 325; 59600 Maubeuge 285; 59550 Landrecies 34
60000 Beauvais 570; 60100 Creil 360; 60200 Compiègne 405; 60300 Senlis 150; 60380 Gerberoy 1
61000 Alençon 255; 61100 Flers 145; 61200 Argentan 132; 61130 Bellême 15
62000 Arras 420; 62100 Calais 670; 62200 Boulogne-sur-Mer 405; 62300 Lens 320; 62400 Béthune 248; 62140 Hesdin 22
63000 Clermont-Ferrand 1000; 63100 Clermont-Ferrand 470; 63200 Riom 195; 63300 Thiers 116; 63790 Murol 6
64000 Pau 770; 64100 Bayonne 520; 64200 Biarritz 255; 64600 Anglet 395; 64220 Saint-Jean-Pied-de-Port 16; 64250 Ainhoa 7
65000 Tarbes 430; 65100 Lourdes 133; 65200 Bagnères-de-Bigorre 70; 65120 Gavarnie-Gèdre 4
66000 Perpignan 850; 66100 Perpignan 350; 66140 Canet-en-Roussillon 125; 66500 Prades 62; 66210 Mont-Louis 2
67000 Strasbourg 1500; 67100 Strasbourg 900; 67200 Strasbourg 450; 67500 Haguenau 355; 67600 Sélestat 195; 67300 Schiltigheim 340; 67510 Lembach 16
68000 Colmar 680; 68100 Mulhouse 600; 68200 Mulhouse 480; 68300 Saint-Louis 220; 68420 Eguisheim 18
69001 Lyon 290; 69002 Lyon 310; 69003 Lyon 1020; 69004 Lyon 360; 69005 Lyon 480; 69006 Lyon 520; 69007 Lyon 850; 69008 Lyon 860; 69009 Lyon 520; 69100 Villeurbanne 1560; 69200 Vénissieux 660; 69120 Vaulx-en-Velin 520; 69400 Villefranche-sur-Saône 370; 69620 Theizé 12; 69620 Ternand 7
70000 Vesoul 150; 70200 Lure 80; 70400 Héricourt 104; 70150 Marnay 15
71000 Mâcon 340; 71100 Chalon-sur-Saône 450; 71200 Le Creusot 210; 71250 Cluny 47; 71110 Semur-en-Brionnais 6
72000 Le Mans 1100; 72100 Le Mans 350; 72200 La Flèche 148; 72300 Sablé-sur-Sarthe 122; 72130 Saint-Léonard-des-Bois 5
73000 Chambéry 590; 73100 Aix-les-Bains 310; 73200 Albertville 195; 73480 Bonneval-sur-Arc 2; 73530 Saint-Sorlin-d'Arves 3
74000 Annecy 900; 74100 Annemasse 365; 74200 Thonon-les-Bains 355; 74400 Chamonix-Mont-Blanc 86; 74740 Sixt-Fer-à-Cheval 8
75001 Paris 160; 75002 Paris 210; 75003 Paris 340; 75004 Paris 290; 75005 Paris 570; 75006 Paris 400; 75007 Paris 480; 75008 Paris 360; 75009 Paris 600; 75010 Paris 830; 75011 Paris 1420; 75012 Paris 1400; 75013 Paris 1790; 75014 Paris 1350; 75015 Paris 2270; 75016 Paris 1620; 75017 Paris 1640; 75018 Paris 1880; 75019 Paris 1820; 75020 Paris 1900
76000 Rouen 850; 76100 Rouen 280; 76200 Dieppe 285; 76600 Le Havre 1100; 76620 Le Havre 550; 76740 Le Bourg-Dun 4; 76740 Fontaine-le-Dun 9
77000 Melun 420; 77100 Meaux 560; 77500 Chelles 550; 77160 Provins 117; 77760 Larchant 7
78000 Versailles 840; 78200 Mantes-la-Jolie 440; 78100 Saint-Germain-en-Laye 450; 78500 Sartrouville 525; 78120 Rambouillet 270; 78490 Montfort-l'Amaury 29
79000 Niort 590; 79100 Thouars 140; 79200 Parthenay 104; 79170 Brioux-sur-Boutonne 14
80000 Amiens 1330; 80100 Abbeville 225; 80200 Péronne 73; 80230 Saint-Valery-sur-Somme 24
81000 Albi 490; 81100 Castres 420; 81200 Mazamet 100; 81170 Cordes-sur-Ciel 9
82000 Montauban 620; 82100 Castelsarrasin 142; 82200 Moissac 130; 82140 Saint-Antonin-Noble-Val 18
83000 Toulon 1000; 83100 Toulon 450; 83200 Toulon 330; 83500 La Seyne-sur-Mer 620; 83600 Fréjus 560; 83300 Draguignan 395; 83630 Aups 22; 83560 Ginasservis 18
84000 Avignon 910; 84100 Orange 290; 84200 Carpentras 290; 84300 Cavaillon 265; 84220 Gordes 17
85000 La Roche-sur-Yon 550; 85100 Les Sables-d'Olonne 450; 85200 Fontenay-le-Comte 138; 85350 L'Île-d'Yeu 49
86000 Poitiers 890; 86100 Châtellerault 315; 86400 Civray 26; 86260 Angles-sur-l'Anglin 4
87000 Limoges 900; 87100 Limoges 330; 87200 Saint-Junien 111; 87460 Bujaleuf 8
88000 Épinal 320; 88100 Saint-Dié-des-Vosges 195; 88200 Remiremont 76; 88600 Bruyères 31
89000 Auxerre 350; 89100 Sens 260; 89200 Avallon 63; 89450 Vézelay 4
90000 Belfort 460; 90100 Delle 57; 90200 Giromagny 31
91000 Évry-Courcouronnes 670; 91100 Corbeil-Essonnes 520; 91300 Massy 500; 91150 Étampes 255; 91490 Milly-la-Forêt 46
92000 Nanterre 960; 92100 Boulogne-Billancourt 1200; 92200 Neuilly-sur-Seine 590; 92400 Courbevoie 820; 92500 Rueil-Malmaison 790; 92700 Colombes 860; 92160 Antony 620
93100 Montreuil 1110; 93200 Saint-Denis 1130; 93300 Aubervilliers 890; 93600 Aulnay-sous-Bois 860; 93700 Drancy 710; 93000 Bobigny 540; 93160 Noisy-le-Grand 680; 93190 Livry-Gargan 460
94000 Créteil 920; 94200 Ivry-sur-Seine 640; 94300 Vincennes 490; 94400 Vitry-sur-Seine 950; 94500 Champigny-sur-Marne 770; 94520 Périgny 28
95000 Cergy 660; 95100 Argenteuil 1110; 95200 Sarcelles 580; 95300 Pontoise 315; 95780 La Roche-Guyon 4; 95510 Vétheuil 8
"""  # noqa: E501 - a table reads best with one département on a line


class Communes(NamedTuple):
    """The list as columns, one entry for each pair of postcode and commune."""

    postcode: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    department: npt.NDArray[np.object_]
    inhabitants: npt.NDArray[np.int64]


@functools.lru_cache(maxsize=1)
def communes() -> Communes:
    """Return the communes: postcode as text, name, département, inhabitants (rough).

    Examples
    --------
    >>> communes().postcode[0], communes().name[0], communes().department[0]
    ('01000', 'Bourg-en-Bresse', '01')
    """
    entries = [entry.split() for line in _COMMUNES.strip().splitlines() for entry in line.split(";")]
    postcodes = [entry[0] for entry in entries]
    return Communes(
        np.array(postcodes, dtype=object),
        np.array([" ".join(entry[1:-1]) for entry in entries], dtype=object),
        np.array([_department(postcode) for postcode in postcodes], dtype=object),
        np.array([int(entry[-1]) * 100 for entry in entries], dtype=np.int64),
    )


def _department(postcode: str) -> str:
    """Return the département of a postcode: its first two figures, but 2A and 2B in Corsica."""
    if postcode.startswith("20"):
        return "2A" if postcode[2] in "01" else "2B"
    return postcode[:2]
