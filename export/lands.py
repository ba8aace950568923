"""Mountains, deserts, islands, shires and landscapes beyond those of export/regions.py; the same form.

General knowledge, written for this project. Of several of one name each stands here (the Jura of France and
Switzerland, that of Swabia, the island), so that a bare name stays as wide as it is.
"""

LANDS = """
Jura;Jura Mountains;French Jura;Swiss Jura;Juragebirge | 46.9 | 6.4 | 90 |
Swabian Jura;Swabian Alb;Schwäbische Alb | 48.4 | 9.5 | 65 | DE
Franconian Jura;Fränkische Schweiz;Franconian Switzerland | 49.8 | 11.4 | 40 | DE
Isle of Jura | 56 | -5.9 | 20 | GB
Amazon;Amazon basin | -3.5 | -60.5 | 950 |
Kent | 51.2 | 0.75 | 42 | GB
Essex | 51.78 | 0.55 | 38 | GB
Surrey | 51.25 | -0.4 | 26 | GB
Cornwall | 50.4 | -4.9 | 50 | GB
Devon;Devonshire | 50.7 | -3.8 | 50 | GB
Dorset;Dorsetshire | 50.8 | -2.3 | 38 | GB
Somerset;Somersetshire | 51.1 | -2.9 | 45 | GB
Wiltshire | 51.3 | -1.9 | 38 | GB
Hampshire | 51.05 | -1.3 | 42 | GB
Berkshire | 51.45 | -1.1 | 35 | GB
Oxfordshire | 51.8 | -1.3 | 32 | GB
Gloucestershire | 51.85 | -2.2 | 36 | GB
Herefordshire | 52.1 | -2.75 | 28 | GB
Worcestershire | 52.2 | -2.2 | 26 | GB
Warwickshire | 52.3 | -1.6 | 30 | GB
Shropshire | 52.6 | -2.75 | 34 | GB
Staffordshire | 52.85 | -2 | 34 | GB
Cheshire | 53.2 | -2.5 | 32 | GB
Derbyshire | 53.1 | -1.55 | 34 | GB
Nottinghamshire | 53.1 | -1 | 32 | GB
Leicestershire | 52.65 | -1.15 | 28 | GB
Lincolnshire | 53.1 | -0.2 | 52 | GB
Northamptonshire | 52.3 | -0.85 | 34 | GB
Cambridgeshire | 52.35 | 0 | 34 | GB
Norfolk Coast;North Norfolk | 52.9 | 1 | 32 | GB
East Anglia;Ostanglien | 52.4 | 1 | 65 | GB
Hertfordshire | 51.8 | -0.2 | 26 | GB
Buckinghamshire | 51.8 | -0.8 | 32 | GB
Bedfordshire | 52.05 | -0.45 | 22 | GB
Lancashire | 53.75 | -2.6 | 38 | GB
Cumbria | 54.6 | -3 | 42 | GB
Northumberland;Northumbria | 55.2 | -1.95 | 45 | GB
County Durham | 54.7 | -1.75 | 28 | GB
North Yorkshire Moors;North York Moors | 54.38 | -0.9 | 24 | GB
Yorkshire Dales | 54.2 | -2.1 | 30 | GB
West Riding | 53.7 | -1.7 | 38 | GB
Isle of Wight | 50.68 | -1.3 | 16 | GB
Scilly Isles;Isles of Scilly | 49.93 | -6.3 | 9 | GB
Channel Islands;Kanalinseln | 49.4 | -2.4 | 40 |
South Downs;North Downs | 51 | -0.3 | 55 | GB
Lizard Peninsula | 50.03 | -5.2 | 10 | GB
Gower;Gower Peninsula | 51.6 | -4.15 | 13 | GB
Pembrokeshire | 51.85 | -4.95 | 32 | GB
Brecon Beacons | 51.88 | -3.4 | 26 | GB
Aberdeenshire | 57.2 | -2.7 | 45 | GB
Perthshire | 56.6 | -3.9 | 48 | GB
Argyllshire;Argyll | 56.2 | -5.3 | 50 | GB
Trossachs | 56.25 | -4.4 | 14 | GB
Hebrides;Outer Hebrides;Inner Hebrides;Hebriden | 57.3 | -6.9 | 100 | GB
Orkney;Orkney Islands | 59 | -3 | 32 | GB
Shetland;Shetland Islands | 60.35 | -1.25 | 42 | GB
Isle of Mull | 56.45 | -6 | 22 | GB
Ben Nevis | 56.8 | -5 | 8 | GB
Glencoe Valley;Glen Coe | 56.67 | -5 | 9 | GB
Donegal;County Donegal | 54.9 | -8 | 42 | IE
County Kerry;Ring of Kerry | 52.1 | -9.7 | 40 | IE
County Cork | 51.95 | -8.8 | 55 | IE
County Clare | 52.85 | -9 | 35 | IE
County Mayo | 53.9 | -9.3 | 42 | IE
County Wicklow;Wicklow Mountains | 53 | -6.35 | 24 | IE
County Antrim;Antrim Coast | 54.9 | -6.2 | 34 | GB
Picardy;Picardie | 49.7 | 2.8 | 75 | FR
Artois | 50.4 | 2.5 | 45 | FR
Flanders;Flandern;Vlaanderen;Flandre | 51 | 3.6 | 70 | BE
Wallonia;Wallonie | 50.3 | 4.9 | 70 | BE
Auvergne | 45.6 | 3.2 | 75 | FR
Gascony;Gascogne | 43.8 | -0.1 | 90 | FR
Périgord | 45 | 0.8 | 50 | FR
Languedoc | 43.6 | 3 | 100 | FR
Roussillon | 42.6 | 2.6 | 35 | FR
Dauphiné | 45 | 5.7 | 65 | FR
Franche-Comté | 47.1 | 6.1 | 70 | FR
Anjou | 47.4 | -0.6 | 50 | FR
Touraine | 47.2 | 0.7 | 42 | FR
Poitou | 46.6 | 0 | 65 | FR
Vendée | 46.7 | -1.4 | 42 | FR
Basque Country;Pays Basque;País Vasco;Euskadi;Baskenland | 43.1 | -2.3 | 75 |
Westphalia;Westfalen | 51.8 | 8 | 80 | DE
East Frisia;Ostfriesland | 53.4 | 7.4 | 38 | DE
North Frisia;Nordfriesland | 54.6 | 8.8 | 40 | DE
Sauerland | 51.2 | 8.2 | 42 | DE
Bergisches Land | 51.1 | 7.2 | 30 | DE
Rhön | 50.5 | 10 | 32 | DE
Vogtland | 50.4 | 12.1 | 35 | DE
Lusatia;Lausitz;Oberlausitz;Niederlausitz | 51.5 | 14.4 | 60 |
Mark Brandenburg;Uckermark | 52.7 | 13.5 | 85 | DE
Rügen;Rugen | 54.4 | 13.4 | 26 | DE
Usedom | 54 | 14 | 20 |
Sylt | 54.9 | 8.35 | 14 | DE
Helgoland;Heligoland | 54.18 | 7.89 | 5 | DE
Palatinate;Pfalz;Rheinpfalz | 49.4 | 7.9 | 48 | DE
Kaiserstuhl | 48.1 | 7.67 | 10 | DE
Upper Bavaria;Oberbayern | 48 | 11.7 | 70 | DE
Lower Bavaria;Niederbayern | 48.7 | 12.7 | 60 | DE
Zugspitze | 47.42 | 10.98 | 9 | DE
Watzmann | 47.55 | 12.92 | 8 | DE
Karwendel | 47.4 | 11.4 | 22 |
Grossglockner;Großglockner;Hohe Tauern | 47.1 | 12.7 | 35 | AT
Tyrol;Tirol;Тироль | 47.1 | 11.5 | 70 |
Styria;Steiermark | 47.2 | 15.1 | 75 | AT
Carinthia;Kärnten | 46.7 | 13.9 | 60 | AT
Vorarlberg | 47.25 | 9.9 | 28 | AT
Zillertal | 47.2 | 11.87 | 18 | AT
Valais;Wallis | 46.2 | 7.6 | 50 | CH
Ticino;Tessin | 46.2 | 8.85 | 35 | CH
Graubünden;Grisons | 46.7 | 9.6 | 55 | CH
Jungfrau;Jungfraujoch;Eiger | 46.56 | 7.98 | 9 | CH
Rigi | 47.05 | 8.48 | 8 | CH
Gotthard;Gotthard Pass;Gotthardpass;St. Gotthard | 46.6 | 8.57 | 12 | CH
Piemonte | 45 | 7.9 | 75 | IT
Liguria;Ligurien;Italian Riviera | 44.2 | 8.7 | 75 | IT
Umbria;Umbrien | 43 | 12.5 | 42 | IT
Latium;Lazio | 42 | 12.6 | 65 | IT
Abruzzi;Abruzzo;Abruzzen | 42.2 | 13.8 | 48 | IT
Campania;Kampanien | 40.8 | 14.6 | 55 | IT
Apulia;Puglia;Apulien | 40.9 | 17 | 110 | IT
Calabria;Kalabrien | 39 | 16.3 | 85 | IT
Amalfi Coast;Costiera Amalfitana;Amalfiküste | 40.64 | 14.55 | 14 | IT
Capri | 40.55 | 14.23 | 5 | IT
Elba | 42.77 | 10.25 | 12 | IT
Stromboli | 38.79 | 15.21 | 4 | IT
Extremadura | 39.2 | -6.1 | 95 | ES
Galicien | 42.8 | -8.2 | 75 | ES
Asturias;Asturien | 43.3 | -5.9 | 65 | ES
Aragón;Aragonien | 41.6 | -0.7 | 95 | ES
La Mancha | 39.2 | -3.1 | 90 | ES
Balearic Islands;Balearen;Islas Baleares | 39.5 | 2.8 | 85 | ES
Mallorca;Majorca | 39.6 | 2.95 | 38 | ES
Canary Islands;Kanarische Inseln;Islas Canarias | 28.3 | -15.8 | 170 | ES
Tenerife;Teneriffa | 28.3 | -16.55 | 30 | ES
Algarve | 37.15 | -8.1 | 55 | PT
Alentejo | 38.4 | -7.9 | 85 | PT
Minho | 41.6 | -8.4 | 38 | PT
Madeira Island;Ilha da Madeira | 32.75 | -17 | 22 | PT
Azores;Açores;Azoren | 38.3 | -27.5 | 210 | PT
Bornholm | 55.13 | 14.9 | 16 | DK
Jutland;Jylland;Jütland | 56.2 | 9.2 | 100 | DK
Gotland | 57.5 | 18.6 | 50 | SE
Öland | 56.7 | 16.7 | 45 | SE
Skåne;Scania;Schonen | 55.9 | 13.5 | 50 | SE
Dalarna;Dalecarlia | 60.8 | 14.6 | 75 | SE
Karelia;Karelien;Karjala;Карелия | 62.5 | 32 | 230 |
Åland;Åland Islands | 60.2 | 20 | 32 | FI
Masuria;Masuren;Mazury | 53.8 | 21.6 | 60 | PL
Mazovia;Masovia;Mazowsze | 52.3 | 21 | 85 | PL
High Tatras;Hohe Tatra;Vysoké Tatry | 49.17 | 20.1 | 20 |
Bohemian Switzerland;České Švýcarsko;Böhmische Schweiz | 50.87 | 14.35 | 14 | CZ
Bohemian Paradise;Český ráj | 50.5 | 15.15 | 14 | CZ
Central Bohemia;Střední Čechy | 49.95 | 14.6 | 50 | CZ
Jeseníky;Hrubý Jeseník;Altvatergebirge | 50.1 | 17.2 | 22 | CZ
Beskids;Beskydy;Beskiden;Beskidy | 49.5 | 18.9 | 65 |
Галиция | 49.7 | 23.5 | 160 |
Podolia;Podolien;Подолье | 48.8 | 27.3 | 120 | UA
Wallachia;Walachei;Valahia | 44.5 | 25.5 | 160 | RO
Moldavia;Moldau | 47 | 27.5 | 120 |
Dobruja;Dobrudscha | 44.3 | 28.3 | 75 |
Herzegovina;Herzegowina | 43.4 | 17.9 | 50 | BA
Epirus;Epeiros | 39.6 | 20.7 | 55 | GR
Thessaly;Thessalien | 39.5 | 22.2 | 55 | GR
Attika | 38 | 23.7 | 30 | GR
Mount Athos;Athos | 40.2 | 24.25 | 18 | GR
Corfu Island;Korfu;Kerkyra | 39.6 | 19.8 | 24 | GR
Rhodes Island;Rhodos | 36.2 | 28 | 32 | GR
Cappadocia;Kappadokien;Kapadokya | 38.65 | 34.8 | 35 | TR
Pontus mountains;Pontisches Gebirge | 40.8 | 39.5 | 170 | TR
Mount Ararat;Ararat | 39.7 | 44.3 | 20 | TR
Mount Lebanon;Libanongebirge | 34.1 | 35.9 | 40 | LB
Galilee;Galiläa | 32.85 | 35.35 | 28 | IL
Judea;Judäa;Judean Desert | 31.6 | 35.2 | 28 |
Mount Sinai | 28.54 | 33.97 | 9 | EG
Anglo-Egyptian Sudan | 14.5 | 31.5 | 500 | SD
Cyrenaica;Kyrenaika | 31 | 22 | 210 | LY
Tripolitania;Tripolitanien | 31.5 | 13.5 | 210 | LY
Kabylia;Kabylie;Kabylei | 36.6 | 4.5 | 55 | DZ
Hoggar;Ahaggar | 23.3 | 5.6 | 150 | DZ
Libyan Desert;Libysche Wüste | 25 | 26 | 430 |
Nubian Desert;Nubische Wüste | 21 | 33.5 | 210 | SD
Ogaden | 7 | 44 | 230 | ET
Gold Coast Colony;Goldküste | 6 | -1 | 180 | GH
Natal Province;Colony of Natal | -29 | 30.5 | 120 | ZA
Orange Free State;Oranje-Freistaat | -28.6 | 26.8 | 170 | ZA
Cape Colony;Kapkolonie;Kaapkolonie | -33 | 21 | 350 | ZA
Table Mountain | -33.96 | 18.4 | 6 | ZA
Karoo | -32.3 | 22 | 230 | ZA
Mount Kenya | -0.15 | 37.3 | 22 | KE
Ngorongoro | -3.2 | 35.5 | 16 | TZ
Ruwenzori;Rwenzori | 0.4 | 29.9 | 35 |
Deccan;Dekkan | 17.5 | 77 | 350 | IN
Rajputana | 26.5 | 74 | 230 | IN
Malabar Coast | 11 | 75.8 | 170 | IN
Coromandel Coast | 13 | 80 | 210 | IN
Sindh;Sind | 26 | 68.7 | 150 | PK
Baluchistan;Balochistan | 28.5 | 65.5 | 300 |
Khyber Pass | 34.1 | 71.1 | 18 |
Hunza;Hunza Valley | 36.4 | 74.7 | 30 | PK
Ladakh | 34.2 | 77.4 | 90 | IN
Annam | 16 | 107.7 | 260 | VN
Tonkin;Tongking | 21.3 | 105.5 | 130 | VN
Cochinchina;Cochinchine | 10.6 | 106.4 | 90 | VN
Inner Mongolia;Innere Mongolei | 42.5 | 113 | 470 | CN
Turkestan | 41 | 67 | 500 |
Kamchatka;Kamtschatka;Камчатка | 55.5 | 159.5 | 330 | RU
Sakhalin;Sachalin;Сахалин | 50 | 143 | 290 | RU
Kuril Islands;Kurilen;Курильские острова | 47 | 152 | 350 | RU
Chukotka;Чукотка | 66 | 175 | 400 | RU
Altai Krai;Алтайский край | 52.7 | 82.9 | 150 | RU
Kyushu;九州 | 32.8 | 130.9 | 120 | JP
Shikoku;四国 | 33.7 | 133.5 | 80 | JP
Mount Bromo;Bromo | -7.94 | 112.95 | 10 | ID
Moluccas;Molukken;Maluku Islands | -3.2 | 129 | 290 | ID
Lombok | -8.6 | 116.3 | 32 | ID
Uluru;Ayers Rock | -25.34 | 131.03 | 12 | AU
Nullarbor;Nullarbor Plain | -31 | 129 | 280 | AU
Arnhem Land | -13 | 134.3 | 170 | AU
Southern Alps | -44 | 170 | 230 | NZ
Mount Cook;Aoraki | -43.6 | 170.15 | 18 | NZ
Polynesia;Polynesien | -15 | -155 | 2300 |
Mikronesien | 7 | 152 | 1500 |
Melanesia;Melanesien | -11 | 160 | 1300 |
Tahiti | -17.65 | -149.4 | 25 | PF
Easter Island;Rapa Nui;Osterinsel;Isla de Pascua | -27.12 | -109.36 | 10 | CL
Hawaiian Islands | 20.8 | -157 | 200 | US
Oahu | 21.47 | -157.98 | 22 | US
Maui | 20.8 | -156.35 | 26 | US
Aleutian Islands;Aleutians;Aleuten | 52.5 | -172 | 650 | US
Denali;Mount McKinley | 63.1 | -151 | 45 | US
Green Mountains | 43.8 | -72.8 | 85 | US
Berkshires;Berkshire Hills | 42.4 | -73.2 | 28 | US
Poconos;Pocono Mountains | 41.1 | -75.3 | 32 | US
Blue Ridge;Blue Ridge Mountains | 36.5 | -81.5 | 230 | US
Great Basin | 39.5 | -116.5 | 330 | US
Badlands National Park | 43.8 | -102.2 | 32 | US
Monument Valley | 37 | -110.15 | 14 | US
Zion National Park | 37.25 | -113 | 14 | US
Bryce Canyon | 37.6 | -112.18 | 10 | US
Painted Desert | 35.6 | -110.8 | 65 | US
Bitterroot Mountains;Bitterroot Valley | 46.3 | -114.3 | 75 | US
Sawtooth Mountains;Sawtooth Range | 44.1 | -115 | 38 | US
Teton Range;Grand Teton | 43.75 | -110.8 | 22 | US
Pikes Peak;Pike's Peak | 38.84 | -105.04 | 12 | US
Mount Hood;Mt. Hood | 45.37 | -121.7 | 20 | US
Mount St. Helens;Mount Saint Helens | 46.2 | -122.18 | 18 | US
Llano Estacado;Staked Plains | 33.5 | -102.5 | 180 | US
Bayou Teche | 30 | -91.6 | 45 | US
Labrador | 54 | -61 | 330 | CA
Newfoundland Island;Neufundland;Terre-Neuve | 48.7 | -55.5 | 170 | CA
Gaspé;Gaspé Peninsula;Gaspésie | 48.7 | -65.5 | 100 | CA
Cape Breton;Cape Breton Island | 46.2 | -60.6 | 55 | CA
Vancouver Island | 49.3 | -124.8 | 130 | CA
Baffin Island | 68 | -71 | 500 | CA
Sierra Madre | 23.5 | -104.5 | 550 | MX
Baja California Peninsula;Lower California | 28 | -113 | 430 | MX
Popocatépetl;Popocatepetl | 19.02 | -98.62 | 20 | MX
Greater Antilles;Antilles;Antillen | 18.5 | -70 | 700 |
Lesser Antilles;Kleine Antillen | 15 | -61.5 | 270 |
Pantanal | -17.7 | -57.3 | 170 | BR
Chaco;Gran Chaco | -23 | -61 | 370 |
Pampas;Pampa | -35.5 | -61.5 | 370 | AR
Aconcagua | -32.65 | -70.01 | 18 | AR
"""
