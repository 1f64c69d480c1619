"""Names from many regions, written for this project, to swap into training sentences: wire copy is world news.

``FIRST_NAMES[i]`` go with ``FAMILY_NAMES[i]``.
"""

from __future__ import annotations

_REGIONS = (
    # Slavic
    "Sergei|Dmitry|Alexei|Olga|Natalia|Mikhail|Volodymyr|Oleksandr|Andrzej|Katarzyna|Milan|Zoran|Ivana|Jiří|Petr|Viktor|Yulia|Bohdan|Radosław|Sergey|Tatyana|Vyacheslav",
    # Arabic, Persian, Turkish
    "Ahmed|Mohammed|Fatima|Abdel Rahman|Hassan|Layla|Mahmoud|Khalid|Ali Akbar|Hossein|Reza|Zahra|Recep|Emine|Mustafa|Ayşe|Yusuf|Nasser|Saad|Bashar|Mohammad Javad|Omar",
    # South Asian
    "Rahul|Priya|Narendra|Sunita|Imran|Ayesha|Mohan|Lakshmi|Sanjay|Anil|Nirmala|Arvind|Bilawal|Shehbaz|Sheikh|Ranil|Pushpa|Arjun|Deepika|Vikram",
    # East Asian
    "Li|Wang|Zhang|Xi|Chen|Kim|Park|Lee|Moon|Choi|Tran|Nguyen|Zhao|Liu|Yoon|Han|Hu|Lin|Tsai|Wu",
    # Japanese
    "Shinzo|Yuki|Haruki|Fumio|Akira|Naomi|Kenji|Yoko|Taro|Hiroshi|Sanae|Yoshihide|Takeshi|Emi",
    # South-East Asian
    "Joko|Mahathir|Anwar|Prayut|Aung|Rodrigo|Maria|Hun|Thaksin|Susilo|Ferdinand|Leni|Budi|Sri|Prabowo|Somchai|Nurul",
    # African
    "Kwame|Chinedu|Amina|Nelson|Cyril|Thabo|Uhuru|Paul|Samia|Bola|Muhammadu|Ngozi|Yoweri|Abiy|Haile|Ousmane|Macky|Alassane|Félix|Denis|Emmerson|Hakainde|Fatou",
    # Spanish, Portuguese
    "José|Juan Carlos|María|Luis|Ana|Pedro|Jair|Dilma|Gabriel|Evo|Nicolás|Gustavo|Claudia|Andrés Manuel|António|João|Cristina|Javier|Mariano|Carmen|Miguel|Rafael",
    # Western and northern European
    "Emmanuel|Jean-Pierre|Marine|Angela|Olaf|Hans|Friedrich|Giuseppe|Matteo|Giorgia|Mark|Ursula|Jens|Mette|Sanna|Lars|Erik|Annalena|François|Sophie|Wolfgang|Ingrid|Viktor|Zoltán|Klaus",
    # English
    "John|Mary|James|Sarah|David|Emma|Michael|Jennifer|William|Elizabeth|Robert|Theresa|Boris|Keir|Scott|Jacinda|Justin|Hillary|Kamala|Nancy|Mitch|Antony|Lloyd|Jake|Karen|Susan|Kevin|Patrick",
    # Hebrew, Greek, Caucasian, Central Asian
    "Benjamin|Yair|Naftali|Tzipi|Ehud|Kyriakos|Alexis|Ilham|Nikol|Salome|Nursultan|Kassym-Jomart|Shavkat|Sooronbay|Emomali|Gurbanguly|Bidzina|Serzh|Avigdor|Giorgi",
)
_FAMILIES = (
    "Ivanov|Petrova|Lavrov|Shoigu|Peskov|Zelenskyy|Shevchenko|Kowalski|Nowak|Wiśniewska|Novák|Horvat|Petrović|Vučić|Tusk|Kozlov|Medvedev|Sokolova|Kravchuk|Babiš|Duda|Ryabkov|Zakharova|Dvořák|Bondarenko",
    "al-Hashimi|al-Sisi|Hussein|Rouhani|Raisi|Zarif|Khamenei|Erdoğan|Yılmaz|Çavuşoğlu|el-Baradei|Haddad|Nasrallah|bin Salman|al-Thani|Abbas|Mansour|Khoury|Ghannouchi|Saied|Dbeibah|Haftar|Al Jubeir|Demirtaş|Kılıçdaroğlu|Saleh",
    "Sharma|Singh|Modi|Gandhi|Patel|Khan|Bhutto|Sharif|Chowdhury|Hasina|Rajapaksa|Wickremesinghe|Jaishankar|Qureshi|Kumar|Reddy|Banerjee|Dahal|Oli|Fernando|Rahman|Iyer",
    "Wei|Jinping|Keqiang|Yi|Xiaoming|Jong-un|Jae-in|Geun-hye|Yeon-mi|Van Hung|Thi Mai|Xuan Phuc|Lijian|Chunying|Guoqiang|Min-jun|Suk-yeol|Ing-wen|Qishan|Zemin",
    "Abe|Tanaka|Suzuki|Kishida|Suga|Kono|Watanabe|Yamamoto|Nakamura|Kobayashi|Ito|Takahashi|Ishiba|Motegi",
    "Widodo|Mohamad|Ibrahim|Chan-ocha|San|Duterte|Ressa|Sen|Shinawatra|Yudhoyono|Marcos|Robredo|Santoso|Mulyani|Subianto|Wongsuwan|Izzah",
    "Nkrumah|Okafor|Mohammed|Mandela|Ramaphosa|Mbeki|Kenyatta|Kagame|Suluhu|Tinubu|Buhari|Okonjo-Iweala|Museveni|Ahmed|Mariam|Sonko|Sall|Ouattara|Tshisekedi|Mukwege|Mnangagwa|Hichilema|Bensouda|Adeyemi|Diallo|Traoré",
    "García|Rodríguez|Hernández|López Obrador|Martínez|Silva|Bolsonaro|Rousseff|Boric|Morales|Maduro|Petro|Sheinbaum|Costa|Guterres|Fernández de Kirchner|Milei|Rajoy|Calvo|Sánchez|Núñez|Guaidó|Piñera|Correa",
    "Macron|Dubois|Le Pen|Merkel|Scholz|Schmidt|Merz|Conte|Salvini|Meloni|Rutte|von der Leyen|Stoltenberg|Frederiksen|Marin|Løkke Rasmussen|Johansson|Baerbock|Hollande|Schäuble|Lindholm|Orbán|Kovács|Iohannis|van den Berg|Barnier",
    "Smith|Johnson|Williams|Brown|Jones|Clinton|May|Starmer|Morrison|Ardern|Trudeau|O'Connor|McConnell|Harris|Pelosi|Blinken|Austin|Sullivan|Campbell|Mitchell|O'Brien|MacDonald|Hughes|Walker|Kerry|Fitzgerald|Turner|Cooper|Bell",
    "Netanyahu|Lapid|Bennett|Livni|Barak|Mitsotakis|Tsipras|Aliyev|Pashinyan|Zourabichvili|Nazarbayev|Tokayev|Mirziyoyev|Jeenbekov|Rahmon|Berdimuhamedow|Ivanishvili|Sargsyan|Lieberman|Margvelashvili|Papadopoulos|Saakashvili",
)
FIRST_NAMES = tuple(tuple(region.split("|")) for region in _REGIONS)
FAMILY_NAMES = tuple(tuple(region.split("|")) for region in _FAMILIES)
CITIES = tuple(
    (
        "Moscow|Beijing|Paris|London|Berlin|Tehran|Kyiv|Kiev|Warsaw|Ankara|Cairo|Nairobi|Lagos|Abuja|New Delhi|Mumbai|"
        "Islamabad|Dhaka|Colombo|Jakarta|Manila|Hanoi|Bangkok|Seoul|Tokyo|Osaka|Pyongyang|Ulaanbaatar|Astana|Tashkent|"
        "Bishkek|Baku|Yerevan|Tbilisi|Damascus|Aleppo|Beirut|Amman|Riyadh|Jeddah|Doha|Dubai|Abu Dhabi|Sanaa|Aden|Tripoli|"
        "Tunis|Algiers|Rabat|Casablanca|Dakar|Bamako|Niamey|Ouagadougou|Accra|Abidjan|Kinshasa|Kigali|Kampala|Addis Ababa|"
        "Mogadishu|Khartoum|Juba|Harare|Lusaka|Pretoria|Johannesburg|Cape Town|Maputo|Luanda|Antananarivo|Mexico City|"
        "Havana|Caracas|Bogota|Bogotá|Quito|Lima|La Paz|Santiago|Buenos Aires|Montevideo|Brasilia|Rio de Janeiro|"
        "São Paulo|Washington|New York|Chicago|Los Angeles|Houston|Miami|Boston|Ottawa|Toronto|Sydney|Canberra|Wellington|"
        "Auckland|Suva|Rome|Milan|Madrid|Barcelona|Lisbon|Athens|Vienna|Geneva|Zurich|Brussels|The Hague|Amsterdam|"
        "Copenhagen|Oslo|Stockholm|Helsinki|Tallinn|Riga|Vilnius|Minsk|Prague|Bratislava|Budapest|Bucharest|Sofia|"
        "Belgrade|Zagreb|Sarajevo|Pristina|Skopje|Tirana|Chisinau|Dublin|Edinburgh|Belfast|Reykjavik|Kabul|Kandahar|"
        "Kathmandu|Yangon|Naypyidaw|Phnom Penh|Vientiane|Kuala Lumpur|Singapore|Hong Kong|Taipei|Shanghai|Guangzhou|"
        "Wuhan|Xinjiang|Tibet|Crimea|Donetsk|Luhansk|Kharkiv|Odesa|Mariupol|St. Petersburg|Vladivostok|Grozny|Idlib|"
        "Mosul|Erbil|Basra|Gaza|Ramallah|Jerusalem|Tel Aviv|Haifa|Izmir|Istanbul|Diyarbakir|Isfahan|Shiraz|Peshawar|"
        "Lahore|Karachi|Quetta|Srinagar|Kolkata|Chennai|Bengaluru|Hyderabad|Tamil Nadu|Kerala|Gujarat|Marseille|Lyon|"
        "Munich|Hamburg|Frankfurt|Naples|Sicily|Catalonia|Scotland|Wales|Texas|California|Florida|Ohio|Georgia|Alaska|"
        "Guangdong|Hubei|Chechnya|Dagestan|Darfur|Tigray|Kivu|Rakhine|Mindanao|Aceh|Okinawa|Fukushima|Jeju|Busan"
    ).split("|")
)
ORGANISATIONS = tuple(
    (
        "Gazprom|Rosneft|Lukoil|Aeroflot|Sberbank|Duma|State Duma|Federation Council|Kremlin|Huawei|Alibaba|Tencent|"
        "Sinopec|People's Daily|Samsung|Hyundai Motor|Toyota|Nissan|Sony|SoftBank|Bank of Japan|Tata Motors|Reliance|"
        "Reserve Bank of India|Lok Sabha|Bharatiya Janata Party|BJP|Awami League|Airbus|Boeing|Renault|Total|Siemens|"
        "Volkswagen|Deutsche Bank|Bundestag|Bundeswehr|Eni|Fiat|Santander|Telefonica|Nokia|Ericsson|Volvo|Maersk|Shell|"
        "BP|HSBC|Barclays|Bank of England|House of Commons|Labour Party|Scotland Yard|Google|Apple|Microsoft|Facebook|"
        "Amazon|Tesla|Goldman Sachs|Federal Reserve|Treasury|Justice Department|National Security Council|OPEC|IAEA|"
        "World Trade Organization|International Criminal Court|Red Crescent|Amnesty International|Greenpeace|UNICEF|"
        "UNESCO|World Food Programme|Doctors Without Borders|European Central Bank|European Commission|ASEAN|"
        "African Development Bank|ECOWAS|Arab League|Boko Haram|al-Shabab|Islamic State|Hezbollah|Hamas|Houthis|PKK|"
        "Revolutionary Guard|Knesset|Mossad|Likud|Petrobras|Embraer|PDVSA|Pemex|Grupo Clarín|FC Barcelona|Real Madrid|"
        "Manchester United|Bayern Munich|FIFA|UEFA|International Olympic Committee|WADA|Harvard University|"
        "Moscow State University|Peking University|Ministry of Defense|Foreign Ministry|Ministry of Health|"
        "Central Election Commission|Supreme Court|Constitutional Court|Tashkent Stock Exchange|Shanghai Cooperation Organization|"
        "SCO|BRICS|OSCE|Eurasian Economic Union|CSTO|NATO|TASS|RIA Novosti|Interfax|Al Jazeera|CNN|BBC|Der Spiegel|Le Monde|"
        "The Guardian|Haaretz|Kommersant|Anadolu Agency|Press Trust of India"
    ).split("|")
)
