"""Rivers, lakes, seas and straits beyond those of export/regions.py.

General knowledge, written for this project: name or names | latitude | longitude (degrees) | radius in km
that holds 80 % of the photographs one would expect from there | ISO 3166-1 country, empty where several. A
river whose bare name is a word or a town elsewhere only stands here with its "river".
"""

WATERS = """
Seine;Сена | 48.9 | 2.2 | 130 | FR
Loire | 47.4 | 1 | 180 | FR
Garonne | 44.2 | 0.5 | 120 | FR
Dordogne River;River Dordogne | 44.9 | 0.7 | 90 | FR
Marne River;River Marne;La Marne | 48.9 | 3.6 | 90 | FR
Meuse River;River Meuse;Maas;Meuse | 51 | 5.6 | 150 |
Saône;River Saône | 46.5 | 4.9 | 100 | FR
Scheldt;Schelde;Escaut | 51 | 4 | 70 |
IJssel | 52.3 | 6.1 | 45 | NL
Amstel | 52.3 | 4.9 | 12 | NL
IJsselmeer;Zuiderzee;Zuyder Zee | 52.7 | 5.3 | 35 | NL
Waddenzee;Wadden Sea;Wattenmeer | 53.9 | 7 | 170 |
Oosterschelde;Eastern Scheldt | 51.6 | 3.9 | 22 | NL
Neckar | 49 | 9 | 75 | DE
River Main;Main River;Maintal | 49.95 | 9.6 | 110 | DE
Weser | 52.5 | 9.1 | 110 | DE
Isar | 48.1 | 11.7 | 75 |
Inntal;Inn Valley;River Inn | 47.4 | 11.9 | 120 |
Havel | 52.6 | 13 | 60 | DE
Spree;Spreeufer | 52.2 | 13.8 | 75 | DE
Saale | 51.2 | 11.8 | 90 | DE
Lahn;Lahntal | 50.5 | 8.3 | 65 | DE
Alster;Aussenalster;Außenalster;Binnenalster | 53.58 | 10.01 | 8 | DE
Chiemsee | 47.88 | 12.42 | 10 | DE
Starnberger See;Lake Starnberg | 47.9 | 11.3 | 11 | DE
Ammersee | 48 | 11.12 | 9 | DE
Königssee | 47.56 | 12.98 | 6 | DE
Tegernsee | 47.72 | 11.74 | 6 | DE
Müritz;Mecklenburgische Seenplatte;Mecklenburg Lake District | 53.4 | 12.7 | 40 | DE
Oder River;River Oder;Odra;Odera;Одер | 52 | 15 | 190 |
Neisse;Lausitzer Neiße;Nysa Łużycka | 51.4 | 14.8 | 70 |
Wörthersee | 46.62 | 14.13 | 9 | AT
Wolfgangsee | 47.75 | 13.4 | 6 | AT
Attersee | 47.88 | 13.54 | 10 | AT
Traunsee | 47.87 | 13.8 | 7 | AT
Neusiedler See;Neusiedlersee;Fertő tó;Lake Neusiedl | 47.8 | 16.8 | 18 |
Salzkammergut | 47.7 | 13.6 | 28 | AT
Wachau | 48.38 | 15.45 | 15 | AT
Aare | 47.2 | 7.6 | 65 | CH
Reuss River;Reusstal | 47.1 | 8.5 | 50 | CH
Lake Brienz;Brienzersee | 46.73 | 7.97 | 8 | CH
Walensee | 47.12 | 9.2 | 9 | CH
Zugersee;Lake Zug | 47.13 | 8.48 | 8 | CH
Lake Lugano;Luganersee;Lago di Lugano;Ceresio | 45.98 | 8.97 | 14 |
Lake Iseo;Lago d'Iseo | 45.72 | 10.07 | 11 | IT
Lake Trasimeno;Lago Trasimeno | 43.13 | 12.1 | 10 | IT
River Po;Po River;Po Valley;Pianura Padana | 45 | 10.3 | 190 | IT
Tiber;Tevere | 42.2 | 12.4 | 80 | IT
River Arno;Arno | 43.7 | 11 | 60 | IT
Venetian Lagoon;Laguna di Venezia | 45.4 | 12.3 | 18 | IT
Bay of Biscay;Golfe de Gascogne;Biskaya | 44.8 | -3.5 | 260 |
Tagus;Tejo;Río Tajo | 39.6 | -6 | 270 |
Douro;Río Duero | 41.3 | -6.5 | 220 |
Guadalquivir | 37.7 | -5.2 | 130 | ES
Guadiana | 38.6 | -6.6 | 170 |
Río Ebro;River Ebro;Ebro | 41.6 | -0.8 | 210 | ES
Mondego | 40.3 | -8.3 | 60 | PT
River Severn | 52.2 | -2.5 | 75 | GB
River Trent | 53 | -1.4 | 75 | GB
River Mersey;Mersey | 53.4 | -2.8 | 35 | GB
River Tyne;Tyneside | 54.98 | -1.6 | 25 | GB
River Tees;Teesside | 54.57 | -1.4 | 30 | GB
River Wye;Wye Valley | 51.95 | -2.75 | 50 | GB
River Avon | 51.6 | -2 | 90 | GB
River Tamar | 50.5 | -4.2 | 25 | GB
River Clyde;Clydeside;Firth of Clyde | 55.8 | -4.5 | 40 | GB
Firth of Forth | 56.05 | -3.1 | 35 | GB
River Tweed;Tweedside | 55.6 | -2.7 | 40 | GB
River Tay | 56.5 | -3.6 | 45 | GB
Humber;Humberside | 53.68 | -0.3 | 25 | GB
Norfolk Broads | 52.65 | 1.5 | 18 | GB
Lake Windermere | 54.37 | -2.93 | 9 | GB
Derwentwater;Derwent Water | 54.57 | -3.15 | 5 | GB
Ullswater | 54.58 | -2.87 | 7 | GB
Menai Strait | 53.18 | -4.2 | 12 | GB
River Shannon | 53 | -8.3 | 90 | IE
Lakes of Killarney | 52 | -9.55 | 10 | IE
Lough Neagh | 54.6 | -6.4 | 18 | GB
Irish Sea;Irische See | 53.7 | -5 | 120 |
Dover Strait;Strait of Dover;Straße von Dover | 51 | 1.45 | 35 |
Solent | 50.78 | -1.3 | 18 | GB
Kattegat;Skagerrak | 57.3 | 10.5 | 170 |
Øresund;Öresund | 55.8 | 12.7 | 40 |
Limfjord;Limfjorden | 56.9 | 9.2 | 60 | DK
Vänern | 58.9 | 13.3 | 65 | SE
Vättern | 58.4 | 14.6 | 55 | SE
Mälaren | 59.45 | 17.2 | 50 | SE
Gulf of Bothnia;Bottnischer Meerbusen | 62.5 | 19.8 | 300 |
Gulf of Finland;Финский залив | 59.9 | 26 | 160 |
Geirangerfjord | 62.1 | 7.1 | 10 | NO
Sognefjord;Sognefjorden | 61.1 | 6.6 | 60 | NO
Hardangerfjord;Hardanger | 60.3 | 6.6 | 50 | NO
Oslofjord;Oslofjorden | 59.4 | 10.6 | 40 | NO
Lofoten;Lofoten Islands | 68.2 | 14 | 60 | NO
Saimaa | 61.6 | 28 | 70 | FI
Neva River;Нева;Неве;Неву | 59.9 | 30.6 | 30 | RU
Lake Peipus;Peipussee;Чудское озеро | 58.7 | 27.5 | 55 |
Daugava;Western Dvina;Düna;Западная Двина | 56.3 | 26 | 170 |
Memel River;Neman;Nemunas;Неман | 54.5 | 24 | 140 |
Northern Dvina;Северная Двина | 62.5 | 44 | 230 | RU
Dnieper;Dnjepr;Dnipro River;Днепр;Дніпро | 49.5 | 32.5 | 350 |
Dniester;Dnjestr;Dnister;Днестр;Дністер | 47.8 | 28 | 230 |
River Don;Don River;Река Дон | 50 | 40.5 | 280 | RU
Oka River;Река Ока | 54.8 | 39 | 220 | RU
Kama River;Река Кама | 57.5 | 55 | 250 | RU
Москва-река;Moskva River | 55.6 | 37.2 | 60 | RU
Ob River;Река Обь | 58 | 75 | 700 | RU
Yenisei;Jenissei;Енисей | 60 | 91 | 750 | RU
Irtysh;Irtysch;Иртыш | 54 | 73 | 500 |
Lena River;Река Лена | 62 | 120 | 750 | RU
Amur River;Амур;Amur | 50 | 130 | 550 |
Sea of Azov;Asowsches Meer;Азовское море | 46 | 37 | 130 |
White Sea;Weißes Meer;Белое море | 65.5 | 37.5 | 200 | RU
Barents Sea;Barentssee;Баренцево море | 73 | 38 | 600 |
Sea of Okhotsk;Охотское море | 54 | 149 | 650 |
Bering Strait;Beringstraße | 65.8 | -169 | 90 |
Bering Sea | 58 | -178 | 800 |
Vltava;Moldau;Влтава | 49.7 | 14.3 | 95 | CZ
Berounka | 49.95 | 13.9 | 45 | CZ
Sázava River;Posázaví | 49.8 | 15 | 50 | CZ
Drava;Drau;Dráva | 46.3 | 16 | 170 |
River Sava;Save River;Sava River | 45.2 | 18 | 230 |
Tisza;Theiss;Tisa River | 47.3 | 20.7 | 170 |
Lake Bled;Bleder See;Blejsko jezero | 46.36 | 14.1 | 4 | SI
Lake Scutari;Lake Skadar;Skadarsko jezero | 42.2 | 19.3 | 22 |
Plitvice Lakes;Plitvička jezera;Plitvicer Seen | 44.88 | 15.62 | 7 | HR
Bay of Kotor;Boka Kotorska | 42.45 | 18.65 | 14 | ME
Iron Gates;Eisernes Tor;Železná vrata | 44.67 | 22.5 | 30 |
Golden Horn;Goldenes Horn;Haliç | 41.03 | 28.95 | 5 | TR
Sea of Marmara;Marmarameer;Мраморное море | 40.7 | 28.2 | 90 | TR
Corinth Canal;Kanal von Korinth | 37.93 | 22.98 | 5 | GR
Tyrrhenian Sea;Tyrrhenisches Meer | 40 | 12 | 270 |
Ionian Sea;Ionisches Meer | 38.5 | 19 | 220 |
Strait of Gibraltar;Straße von Gibraltar | 35.95 | -5.6 | 35 |
Strait of Messina;Straße von Messina | 38.2 | 15.6 | 15 | IT
Lake Nasser;Nassersee | 22.9 | 32.3 | 130 |
Blue Nile;Blauer Nil | 12.5 | 36 | 250 |
White Nile;Weißer Nil | 10 | 32 | 350 |
Nile Delta;Nildelta | 30.9 | 31.1 | 75 | EG
First Cataract | 24.06 | 32.87 | 6 | EG
Limpopo River | -23 | 30 | 260 |
Orange River;Oranje River | -28.9 | 21 | 350 |
Victoria Falls;Viktoriafälle | -17.92 | 25.86 | 6 |
Lake Kariba | -17 | 28 | 90 |
Lake Turkana;Lake Rudolf;Rudolfsee | 3.6 | 36.1 | 90 |
Lake Albert;Albertsee | 1.7 | 31 | 65 |
Lake Kivu;Kiwusee | -2 | 29.1 | 45 |
Okavango;Okavango Delta | -19.3 | 22.8 | 90 | BW
Senegal River;Fleuve Sénégal | 16 | -14.5 | 230 |
Gambia River;River Gambia | 13.4 | -15 | 130 | GM
Volta River;Lake Volta | 7.3 | 0 | 110 | GH
Gulf of Guinea;Golf von Guinea | 3 | 3 | 600 |
Gulf of Aden | 12.3 | 47.5 | 300 |
Gulf of Aqaba;Gulf of Eilat | 28.8 | 34.7 | 70 |
Strait of Hormuz;Straße von Hormus | 26.5 | 56.4 | 70 |
Arabian Sea | 16 | 64 | 800 |
Indian Ocean;Indischer Ozean;Indische Oceaan | -15 | 75 | 3200 |
Bay of Bengal;Golf von Bengalen | 15 | 88 | 700 |
Brahmaputra | 26.5 | 92 | 330 |
Yamuna;Jumna | 27.3 | 78 | 220 | IN
Godavari | 18.5 | 79 | 300 | IN
Dal Lake | 34.12 | 74.86 | 5 | IN
Irrawaddy;Irawadi;Ayeyarwady | 20.5 | 95.3 | 320 | MM
Salween | 20 | 97.8 | 400 |
Chao Phraya;Menam | 14.7 | 100.4 | 90 | TH
Ha Long Bay;Halong Bay | 20.9 | 107.1 | 22 | VN
Inle Lake | 20.55 | 96.9 | 12 | MM
Tonlé Sap;Tonle Sap | 12.8 | 104.1 | 60 | KH
Pearl River;珠江 | 22.9 | 113.4 | 70 | CN
西湖 | 30.25 | 120.14 | 4 | CN
South China Sea;Südchinesisches Meer | 13 | 114 | 800 |
Yellow Sea;Gelbes Meer | 36 | 123 | 330 |
Sea of Japan;Japanisches Meer;日本海 | 40 | 135 | 500 |
Seto Inland Sea;Inland Sea of Japan;瀬戸内海 | 34.2 | 133 | 130 | JP
Lake Ashi;芦ノ湖 | 35.2 | 139 | 6 | JP
Strait of Malacca;Straße von Malakka | 3 | 100.5 | 330 |
Murray River;River Murray | -35 | 142 | 330 | AU
Darling River | -31.5 | 144 | 300 | AU
Yarra River;Yarra Valley | -37.75 | 145.3 | 35 | AU
Sydney Harbour;Port Jackson | -33.85 | 151.24 | 7 | AU
Milford Sound | -44.65 | 167.9 | 9 | NZ
Lake Wakatipu | -45.05 | 168.5 | 28 | NZ
Lake Taupo | -38.8 | 175.9 | 18 | NZ
Tasman Sea | -38 | 162 | 700 |
Coral Sea;Korallenmeer | -17 | 153 | 700 |
Potomac River;Potomac | 39 | -77.4 | 90 | US
Shenandoah Valley;Shenandoah River | 38.6 | -78.7 | 75 | US
Susquehanna River;Susquehanna | 40.8 | -76.6 | 130 | US
Delaware River | 40.8 | -75 | 120 | US
Connecticut River | 42.7 | -72.4 | 150 | US
Merrimack River | 43 | -71.4 | 55 | US
Tennessee River | 35 | -87 | 230 | US
Cumberland River | 36.4 | -86.5 | 180 | US
Arkansas River | 36.5 | -98 | 600 | US
Red River of the South | 33.8 | -96.5 | 350 | US
Rio Grande;Río Bravo | 29.5 | -102 | 550 |
Platte River | 41 | -98.5 | 260 | US
Yellowstone River | 46.3 | -107.5 | 230 | US
Willamette River;Willamette Valley | 44.9 | -123.1 | 75 | US
Sacramento River | 39.5 | -122 | 140 | US
San Joaquin Valley | 36.8 | -120 | 150 | US
San Francisco Bay;Golden Gate | 37.8 | -122.4 | 28 | US
Puget Sound | 47.6 | -122.5 | 60 | US
Chesapeake Bay | 38.3 | -76.3 | 110 | US
Long Island Sound | 41.1 | -72.9 | 65 | US
Erie Canal | 43 | -76 | 200 | US
Panama Canal;Panamakanal;Canal de Panamá | 9.1 | -79.7 | 28 | PA
Lake Mead | 36.2 | -114.5 | 45 | US
Lake Powell | 37.2 | -111 | 75 | US
Mono Lake | 38 | -119 | 11 | US
Hudson Bay | 60 | -86 | 600 | CA
Gulf of Mexico;Golf von Mexiko;Golfo de México | 25.5 | -90 | 750 |
Gulf of California;Sea of Cortez | 27.5 | -111.3 | 430 | MX
Saint Lawrence River;Fleuve Saint-Laurent | 46.8 | -71.5 | 300 | CA
Ottawa River;Rivière des Outaouais | 46 | -77 | 170 | CA
Fraser River;Fraser Canyon | 50.5 | -121.7 | 190 | CA
Mackenzie River | 65 | -125 | 600 | CA
Bay of Fundy | 45.2 | -65.2 | 110 | CA
Moraine Lake | 51.4 | -116.2 | 9 | CA
Great Bear Lake | 66 | -121 | 140 | CA
Great Slave Lake | 61.7 | -114.5 | 170 | CA
Orinoco | 7.5 | -65 | 450 | VE
São Francisco River;Rio São Francisco | -12 | -43 | 500 | BR
Paraná River;Río Paraná;Rio Paraná | -27.5 | -58 | 600 |
Río de la Plata;River Plate;Rio da Prata | -34.8 | -57.5 | 130 |
Iguazu Falls;Iguaçu Falls;Cataratas del Iguazú;Foz do Iguaçu Falls | -25.69 | -54.44 | 7 |
Magdalena River;Río Magdalena | 7 | -74.5 | 400 | CO
Guanabara Bay;Baía de Guanabara;Bahia de Guanabara | -22.85 | -43.15 | 16 | BR
Lake Maracaibo | 9.8 | -71.5 | 80 | VE
Strait of Magellan;Magellanstraße;Estrecho de Magallanes | -53.3 | -71 | 160 | CL
Beagle Channel;Canal Beagle | -54.9 | -68.3 | 70 |
Angel Falls;Salto Ángel | 5.97 | -62.54 | 8 | VE
Southern Ocean;Südpolarmeer | -63 | 0 | 4500 |
Arctic Ocean;Nordpolarmeer;Северный Ледовитый океан | 82 | 0 | 1900 |
"""
