"""Areas that no list of towns and provinces holds: deserts, mountains, lakes, seas, lands of history.

General knowledge, written for this project: name or names | latitude | longitude (degrees) | radius in km
that holds 80 % of the photographs one would expect from there | ISO 3166-1 country, empty where several.
"""

REGIONS = """
Sahara;Sahara Desert;Sahara-Wüste | 23.5 | 9 | 1900 |
Gobi;Gobi Desert | 43 | 105 | 600 |
Kalahari;Kalahari Desert | -23.5 | 22 | 450 |
Namib;Namib Desert | -24 | 15.2 | 450 | NA
Atacama;Atacama Desert;Desierto de Atacama | -23.8 | -69.3 | 400 | CL
Mojave Desert | 35.2 | -116 | 150 | US
Sonoran Desert | 32 | -112.5 | 250 |
Death Valley | 36.5 | -117 | 60 | US
Grand Canyon | 36.15 | -112.3 | 70 | US
Yellowstone;Yellowstone National Park | 44.6 | -110.6 | 45 | US
Yosemite;Yosemite National Park;Yosemite Valley | 37.78 | -119.53 | 25 | US
Glacier National Park | 48.7 | -113.8 | 40 | US
Mount Rainier;Mt. Rainier | 46.85 | -121.75 | 25 | US
Crater Lake | 42.94 | -122.1 | 10 | US
Niagara Falls | 43.08 | -79.07 | 6 |
Rocky Mountains;Rockies | 44 | -110 | 1100 |
Great Plains | 41 | -100 | 900 | US
Great Lakes | 45 | -84 | 600 |
Lake Superior | 47.6 | -87.5 | 250 |
Lake Michigan | 43.8 | -87 | 220 | US
Lake Huron | 44.8 | -82.4 | 170 |
Lake Erie | 42.2 | -81.2 | 190 |
Lake Ontario | 43.7 | -77.9 | 140 |
Lake Tahoe | 39.1 | -120.03 | 20 | US
New England | 43.5 | -71.5 | 250 | US
Dust Bowl | 36.8 | -101.5 | 250 | US
Pacific Northwest | 46 | -119.5 | 450 | US
Dakota Territory | 46 | -100.3 | 330 | US
Sierra Nevada | 37.5 | -119 | 250 |
Appalachia;Appalachian Mountains | 38 | -81 | 500 | US
Ozarks | 36.8 | -92.5 | 180 | US
Cape Cod | 41.7 | -70.2 | 40 | US
Long Island | 40.8 | -73 | 70 | US
Klondike | 64 | -139 | 80 | CA
Alps;Alpen;Alpes;Alpi;Альпы | 46.4 | 10 | 330 |
Swiss Alps;Schweizer Alpen | 46.5 | 8.5 | 110 | CH
Dolomites;Dolomiten;Dolomiti | 46.5 | 11.9 | 45 | IT
Black Forest;Schwarzwald | 48.2 | 8.2 | 65 | DE
Harz | 51.75 | 10.7 | 40 | DE
Rhineland;Rheinland | 50.6 | 7 | 110 | DE
Ruhr;Ruhrgebiet | 51.5 | 7.2 | 35 | DE
Allgäu | 47.6 | 10.3 | 40 | DE
Franconia;Franken | 49.7 | 10.9 | 80 | DE
Swabia;Schwaben | 48.4 | 9.6 | 90 | DE
Prussia;Preussen;Preußen;Пруссия | 53 | 16 | 400 |
East Prussia;Ostpreussen;Ostpreußen;Восточная Пруссия | 54.2 | 21.3 | 110 |
West Prussia;Westpreussen;Westpreußen | 53.9 | 18.6 | 90 | PL
Pomerania;Pommern;Pomorze | 54 | 16 | 150 |
Silesia;Schlesien;Śląsk;Slezsko;Силезия | 50.8 | 17.3 | 140 |
Bohemia;Böhmen;Čechy | 49.9 | 14.5 | 110 | CZ
Moravia;Mähren;Morava | 49.3 | 17 | 80 | CZ
Sudetenland;Sudety | 50.3 | 14.5 | 180 | CZ
Galicia and Lodomeria;Galizien;Halychyna | 49.7 | 23.5 | 160 |
Bukovina;Bukowina;Буковина | 48 | 25.8 | 70 |
Bessarabia;Bessarabien;Бессарабия | 47 | 28.8 | 130 |
Transylvania;Siebenbürgen;Transilvania;Erdély | 46.4 | 24.3 | 130 | RO
Banat | 45.6 | 21 | 90 |
Volhynia;Wolhynien;Волынь | 50.7 | 25.5 | 130 | UA
Livonia;Livland;Лифляндия | 57.5 | 25.5 | 140 |
Courland;Kurland;Курляндия | 56.8 | 22.5 | 90 | LV
Carpathians;Karpaten;Karpaty;Карпаты | 48 | 24 | 330 |
Tatra;Tatras;Tatry | 49.2 | 20.1 | 35 |
Crimea;Krim;Krym;Крым | 45.2 | 34.3 | 90 | UA
Donbas;Donbass;Донбасс | 48.3 | 38.2 | 110 | UA
Siberia;Sibirien;Сибирь;Sibérie | 58 | 95 | 1500 | RU
Ural;Urals;Ural Mountains;Урал | 57 | 60 | 500 | RU
Caucasus;Kaukasus;Кавказ | 42.8 | 44 | 320 |
Lake Baikal;Байкал;Baikalsee | 53.3 | 107.7 | 220 | RU
Volga;Wolga;Волга | 54 | 48 | 600 | RU
Lapland;Lappland;Lappi | 67.8 | 24 | 250 |
Scandinavia;Skandinavien | 62 | 15 | 650 |
Lake District | 54.5 | -3.1 | 25 | GB
Scottish Highlands;Highlands | 57.2 | -4.9 | 110 | GB
Isle of Skye | 57.3 | -6.2 | 30 | GB
Yorkshire | 53.95 | -1.4 | 65 | GB
Sussex | 50.93 | 0 | 50 | GB
Middlesex | 51.53 | -0.3 | 20 | GB
Westmorland | 54.5 | -2.7 | 30 | GB
Ulster | 54.6 | -6.8 | 75 |
Connemara | 53.5 | -9.8 | 35 | IE
Normandy;Normandie | 49 | 0 | 110 | FR
Brittany;Bretagne | 48.2 | -3 | 100 | FR
Burgundy;Bourgogne | 47.2 | 4.5 | 100 | FR
Provence | 43.8 | 5.8 | 90 | FR
Alsace;Elsass;Эльзас | 48.3 | 7.5 | 65 | FR
Lorraine;Lothringen | 48.8 | 6.2 | 75 | FR
Savoy;Savoie | 45.6 | 6.5 | 55 | FR
Champagne | 48.8 | 4.3 | 85 | FR
Riviera;French Riviera;Côte d'Azur | 43.6 | 7 | 45 | FR
Pyrenees;Pyrénées;Pirineos;Pyrenäen | 42.7 | 0.7 | 170 |
Mont Blanc | 45.83 | 6.86 | 12 |
Matterhorn | 45.98 | 7.66 | 10 |
Lake Geneva;Lac Léman;Genfersee;Genfer See | 46.45 | 6.5 | 32 |
Lake Constance;Bodensee | 47.6 | 9.4 | 30 |
Lake Lucerne;Vierwaldstättersee | 47 | 8.45 | 18 | CH
Engadin;Engadine | 46.6 | 10 | 40 | CH
Bernese Oberland;Berner Oberland | 46.6 | 7.9 | 35 | CH
Lake Como;Lago di Como;Comer See | 46 | 9.27 | 20 | IT
Lake Garda;Lago di Garda;Gardasee | 45.65 | 10.7 | 24 | IT
Lake Maggiore;Lago Maggiore | 45.97 | 8.65 | 26 |
Vesuvius;Vesuvio;Vesuv | 40.82 | 14.43 | 6 | IT
Mount Etna;Etna;Ätna | 37.75 | 15 | 12 | IT
South Tyrol;Südtirol;Alto Adige | 46.7 | 11.4 | 45 | IT
Savoyen | 45.6 | 6.5 | 55 | FR
Castile;Castilla;Kastilien | 40.8 | -4 | 200 | ES
Costa Brava | 41.9 | 3.1 | 50 | ES
Macedonia | 41.3 | 22 | 110 |
Thrace;Thrakien;Thraki | 41.5 | 26.3 | 120 |
Anatolia;Anatolien;Asia Minor;Kleinasien;Anadolu | 39 | 34 | 450 | TR
Bosphorus;Bosporus;Boğaziçi;Босфор | 41.1 | 29.06 | 14 | TR
Dardanelles;Dardanellen | 40.2 | 26.4 | 30 | TR
Gallipoli Peninsula | 40.25 | 26.4 | 25 | TR
Aegean;Aegean Sea;Ägäis | 38.5 | 25 | 250 |
Peloponnese;Peloponnes;Peloponnesos;Πελοπόννησος | 37.4 | 22.2 | 75 | GR
Cyclades;Kykladen;Κυκλάδες | 37 | 25.2 | 75 | GR
Balkans;Balkan;Balkany;Балканы | 42.8 | 21.5 | 400 |
Dalmatia;Dalmatien;Dalmacija | 43.5 | 16.5 | 130 | HR
Istria;Istrien;Istra | 45.2 | 13.9 | 45 |
Mesopotamia;Mesopotamien | 33.5 | 43.8 | 330 | IQ
Kurdistan | 36.8 | 43 | 270 |
Palestine;Palästina;Palestina;Палестина;פלשתינה;فلسطين | 31.9 | 35.1 | 80 |
Holy Land;Heiliges Land;Terre Sainte | 31.9 | 35.2 | 100 |
Dead Sea;Totes Meer | 31.5 | 35.5 | 35 |
Sinai | 29.2 | 33.8 | 110 | EG
Nubia;Nubien;Nubie | 21.5 | 31.5 | 260 |
Suez Canal;Suezkanal | 30.6 | 32.35 | 65 | EG
Maghreb | 33 | 2 | 900 |
Barbary Coast | 35.5 | 4 | 700 |
Hejaz;Hedjaz;Hidschas | 23.5 | 39.5 | 330 | SA
Punjab | 31 | 74.3 | 260 |
Bengal;Bengalen | 23.5 | 89 | 230 |
Kashmir;Kaschmir;Cashmere | 34.3 | 75 | 110 |
Himalaya;Himalayas;Гималаи | 28.5 | 84 | 800 |
Mount Everest;Everest | 27.99 | 86.93 | 20 |
Tibet;Тибет;西藏 | 30.5 | 91 | 500 | CN
Manchuria;Mandschurei;Маньчжурия;满洲 | 45 | 126 | 420 | CN
Formosa | 23.8 | 121 | 150 | TW
Indochina;Indochine;Französisch-Indochina | 16.5 | 106 | 600 |
Dutch East Indies;Nederlands-Indië;Nederlandsch-Indië;Netherlands East Indies | -3 | 112 | 1300 | ID
Java;Jawa | -7.2 | 110 | 400 | ID
Sumatra;Sumatera | 0 | 101.5 | 600 | ID
Borneo;Kalimantan | 1 | 114 | 500 |
Celebes;Sulawesi | -2.5 | 120.5 | 350 | ID
Bali | -8.4 | 115.2 | 40 | ID
New Guinea;Neuguinea;Nieuw-Guinea | -5 | 141 | 750 |
Mount Fuji;Fujiyama;富士山 | 35.36 | 138.73 | 20 | JP
Hokkaido;北海道 | 43.3 | 142.5 | 170 | JP
Outback | -25 | 134 | 1000 | AU
Great Barrier Reef | -18 | 147.5 | 700 | AU
Tasmania;Van Diemen's Land | -42 | 146.8 | 130 | AU
Patagonia;Patagonien | -45 | -70 | 700 |
Tierra del Fuego;Feuerland | -54.3 | -68.5 | 160 |
Andes;Anden;Cordillera de los Andes | -20 | -69 | 2000 |
Amazonia;Amazonas;Amazônia;Amazon Rainforest | -4 | -62 | 1000 |
Galápagos;Galapagos Islands | -0.6 | -90.6 | 90 | EC
Lake Titicaca;Titicaca | -15.8 | -69.4 | 80 |
Rhine;River Rhine;Rhein;Rhin;Rijn;Рейн | 49.5 | 7.6 | 280 |
Danube;River Danube;Donau;Dunărea;Дунай | 46.5 | 19 | 650 |
Elbe;River Elbe;Labe | 51.8 | 12.5 | 250 |
Moselle;Mosel | 49.7 | 6.7 | 90 |
Vistula;Weichsel;Wisła | 52 | 20 | 220 | PL
Nile;River Nile;النيل | 23 | 31.8 | 900 |
Thames;River Thames;Themse | 51.55 | -0.7 | 65 | GB
River Seine;La Seine | 48.9 | 2 | 130 | FR
River Loire;Loire Valley;Val de Loire | 47.4 | 1 | 180 | FR
River Rhône;Rhône Valley;Rhone Valley | 45 | 4.9 | 170 |
Mississippi River;Mississippi Valley | 37 | -90.5 | 650 | US
Missouri River | 43 | -99 | 600 | US
Columbia River;Columbia Gorge;Columbia River Gorge | 46 | -120.5 | 220 |
Hudson River;Hudson Valley;Hudson River Valley | 41.8 | -73.9 | 90 | US
Ohio River | 38.5 | -85 | 350 | US
Colorado River | 36.5 | -111.5 | 350 |
Snake River | 44 | -115.5 | 260 | US
Yukon River | 64 | -148 | 600 |
Amazon River;Rio Amazonas | -3 | -60 | 900 |
Congo River;River Congo | -1 | 20 | 800 |
Zambezi;River Zambezi | -16.5 | 28 | 500 |
Niger River;River Niger | 13 | 0 | 800 |
Ganges;River Ganges | 25.3 | 84 | 450 |
River Indus | 30 | 71.5 | 450 | PK
Mekong;Mekong River | 14.5 | 104.5 | 600 |
Yangtze;Yangtze River;長江;长江 | 30.5 | 113 | 750 | CN
Yellow River;Huang He;黄河 | 36.5 | 110 | 600 | CN
River Jordan;Jordan River | 32.2 | 35.55 | 60 |
Euphrates;Euphrat | 34.5 | 41.5 | 350 |
Tigris | 35 | 43.8 | 300 |
Lake Balaton;Balaton;Plattensee | 46.85 | 17.75 | 38 | HU
Lake Ladoga;Ladogasee;Ладожское озеро | 60.8 | 31.5 | 95 | RU
Lake Onega;Онежское озеро | 61.7 | 35.5 | 100 | RU
Loch Ness | 57.3 | -4.45 | 18 | GB
Loch Lomond | 56.1 | -4.6 | 16 | GB
Lake Zurich;Lake Zürich;Zürichsee | 47.25 | 8.7 | 18 | CH
Lake Thun;Thunersee | 46.7 | 7.7 | 10 | CH
Lake Neuchâtel;Lac de Neuchâtel;Neuenburgersee | 46.9 | 6.85 | 20 | CH
Lake Ohrid | 41.03 | 20.72 | 18 |
Lake Van | 38.6 | 42.9 | 55 | TR
Lake Malawi;Lake Nyasa;Nyassasee | -12 | 34.5 | 230 |
Lake Chad;Tschadsee | 13.1 | 14.3 | 90 |
Lake Winnipeg | 52.5 | -97.8 | 200 | CA
Great Salt Lake | 41.1 | -112.5 | 60 | US
Lake Champlain | 44.5 | -73.3 | 75 |
Finger Lakes | 42.7 | -76.9 | 55 | US
Lake Eyre | -28.4 | 137.3 | 80 | AU
Lake Toba;Tobasee | 2.65 | 98.85 | 40 | ID
Lake Biwa;琵琶湖 | 35.25 | 136.1 | 35 | JP
Sea of Galilee;Lake Tiberias;See Genezareth | 32.82 | 35.59 | 13 | IL
Aral Sea;Аральское море | 45 | 60 | 180 |
Caspian Sea;Kaspisches Meer;Каспийское море | 41.5 | 51 | 500 |
English Channel;Ärmelkanal | 50.2 | -1 | 250 |
Bay of Naples;Golfo di Napoli | 40.7 | 14.25 | 28 | IT
Persian Gulf | 27 | 51.5 | 380 |
Bavarian Forest;Bayerischer Wald | 49 | 13.1 | 45 | DE
Bohemian Forest;Böhmerwald;Šumava | 48.95 | 13.6 | 55 |
Thuringian Forest;Thüringer Wald | 50.65 | 10.7 | 45 | DE
Teutoburg Forest;Teutoburger Wald | 52 | 8.6 | 50 | DE
Odenwald | 49.6 | 8.8 | 32 | DE
Spessart | 50 | 9.4 | 30 | DE
Eifel | 50.35 | 6.7 | 45 | DE
Hunsrück | 49.9 | 7.2 | 40 | DE
Taunus | 50.2 | 8.35 | 32 | DE
Lüneburg Heath;Lüneburger Heide | 53.05 | 9.9 | 40 | DE
Spreewald | 51.87 | 13.95 | 22 | DE
Ore Mountains;Erzgebirge;Krušné hory | 50.6 | 13.2 | 60 |
Giant Mountains;Riesengebirge;Krkonoše;Karkonosze | 50.75 | 15.6 | 28 |
Saxon Switzerland;Sächsische Schweiz | 50.92 | 14.15 | 18 | DE
Vosges;Vogesen | 48.1 | 7 | 55 | FR
Ardennes;Ardennen | 50.1 | 5.4 | 65 |
Camargue | 43.5 | 4.55 | 30 | FR
Cévennes | 44.2 | 3.7 | 50 | FR
Massif Central | 45.2 | 3 | 140 | FR
Dartmoor | 50.57 | -3.95 | 20 | GB
Exmoor | 51.13 | -3.65 | 20 | GB
Cotswolds | 51.8 | -1.9 | 40 | GB
New Forest | 50.85 | -1.6 | 18 | GB
Peak District | 53.3 | -1.75 | 26 | GB
Snowdonia;Eryri | 52.95 | -3.9 | 28 | GB
Cairngorms | 57.05 | -3.65 | 35 | GB
Apennines;Appennino;Apenninen | 43 | 12.8 | 350 | IT
Atlas Mountains;High Atlas;Atlasgebirge | 32 | -5 | 350 |
Hindu Kush;Hindukusch | 35.5 | 70.5 | 280 |
Karakoram | 35.9 | 76 | 170 |
Pamir Mountains;Pamirs;Памир | 38.5 | 73 | 200 |
Tian Shan;Tien Shan;Тянь-Шань | 42 | 79 | 600 |
Altai Mountains;Алтай | 49.5 | 88 | 320 |
Drakensberg | -29.3 | 29.3 | 130 |
Great Smoky Mountains;Smoky Mountains | 35.6 | -83.5 | 45 | US
Adirondacks;Adirondack Mountains | 44.1 | -74.2 | 70 | US
Catskills;Catskill Mountains | 42.1 | -74.4 | 40 | US
Black Hills | 44 | -103.8 | 60 | US
Cascade Range;Cascade Mountains | 46 | -121.7 | 380 |
Olympic Peninsula | 47.8 | -123.6 | 65 | US
Everglades | 25.9 | -80.9 | 70 | US
Negev;נגב | 30.8 | 34.8 | 65 | IL
Rub al Khali;Empty Quarter;Arabian Desert | 21 | 49 | 600 |
Thar Desert | 27 | 71 | 250 |
Taklamakan | 39 | 83 | 400 | CN
Vatnajökull | 64.4 | -16.8 | 60 | IS
Tuscany;Toskana;Toscane | 43.45 | 11.1 | 85 | IT
Lombardy;Lombardei | 45.6 | 9.8 | 85 | IT
Sicily;Sizilien;Sicile;Сицилия | 37.6 | 14.1 | 100 | IT
Sardinia;Sardinien | 40.1 | 9.05 | 110 | IT
Corsica;Korsika;Corse | 42.15 | 9.1 | 70 | FR
Crete;Kreta;Κρήτη | 35.25 | 24.9 | 85 | GR
Andalusia;Andalusien | 37.3 | -4.6 | 170 | ES
Catalonia;Katalonien | 41.7 | 1.7 | 90 | ES
Machu Picchu | -13.16 | -72.54 | 5 | PE
Yucatán;Yucatan | 20 | -89 | 190 | MX
Caribbean;Karibik;West Indies;Westindien | 17 | -70 | 1100 |
Kilimanjaro;Kilimandscharo;Kilima-Ndscharo | -3.07 | 37.35 | 25 | TZ
Serengeti | -2.4 | 34.8 | 80 | TZ
Lake Victoria;Viktoriasee | -1 | 33 | 170 |
Lake Tanganyika;Tanganjikasee | -6.3 | 29.6 | 300 |
Transvaal | -25.3 | 28.8 | 250 | ZA
German East Africa;Deutsch-Ostafrika | -5 | 34 | 550 |
German South West Africa;Deutsch-Südwestafrika | -22 | 17 | 500 | NA
Congo;Kongo;Belgian Congo | -2.5 | 23 | 800 | CD
Zululand | -28 | 31.7 | 90 | ZA
Kimberley region | -17 | 126.5 | 350 | AU
Antarctica;Antarktis;Антарктида | -78 | 20 | 2400 | AQ
Arctic;Arktis;Арктика | 80 | 0 | 2000 |
Svalbard;Spitsbergen;Spitzbergen | 78.5 | 16 | 180 | SJ
Mediterranean;Mediterranean Sea;Mittelmeer | 37.5 | 17 | 1500 |
North Sea;Nordsee;Noordzee | 55.5 | 4 | 380 |
Baltic;Baltic Sea;Ostsee | 57.5 | 19 | 550 |
Black Sea;Schwarzes Meer;Чёрное море | 43.3 | 34.5 | 450 |
Red Sea;Rotes Meer | 21 | 38 | 850 |
Adriatic;Adria | 43 | 15.5 | 300 |
Atlantic;Atlantic Ocean;Atlantik | 25 | -40 | 4000 |
Pacific;Pacific Ocean;Pazifik | 0 | -160 | 6500 |
Europe;Europa;Европа | 49 | 13 | 1500 |
Africa;Afrika;Afrique;África;Африка | 3 | 20 | 3200 |
Asia;Asien;Asie;Азия | 32 | 95 | 3800 |
Orient;Near East;Naher Osten;Middle East | 32 | 42 | 1500 |
South America;Südamerika;América do Sul;América del Sur | -16 | -60 | 2900 |
North America;Nordamerika | 42 | -98 | 2600 |
"""
