import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.bg.BulgarianAnalyzer;
import org.apache.lucene.analysis.bn.BengaliAnalyzer;
import org.apache.lucene.analysis.ca.CatalanAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.core.LowerCaseFilter;
import org.apache.lucene.analysis.cz.CzechAnalyzer;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.el.GreekAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.et.EstonianAnalyzer;
import org.apache.lucene.analysis.eu.BasqueAnalyzer;
import org.apache.lucene.analysis.fa.PersianAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.ga.IrishAnalyzer;
import org.apache.lucene.analysis.gl.GalicianAnalyzer;
import org.apache.lucene.analysis.hi.HindiAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.hy.ArmenianAnalyzer;
import org.apache.lucene.analysis.id.IndonesianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.lt.LithuanianAnalyzer;
import org.apache.lucene.analysis.lv.LatvianAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.SetKeywordMarkerFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.elasticsearch.Build;
import org.elasticsearch.Version;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * What the bare server jar lacks and a news index needs, under the names and parameters of a full Elasticsearch: the
 * analyzers of languages, the filters lowercase, asciifolding, porter_stem, kstem, stemmer, keyword_marker, edge_ngram and
 * remove_duplicates, all over Lucene's own classes; and GET / with the version.
 */
public final class NewsAnalysis extends Plugin implements AnalysisPlugin, ActionPlugin {

    private interface Wrap {
        TokenStream wrap(TokenStream input);
    }

    private static class Filter extends AbstractTokenFilterFactory {
        private final Wrap wrap;

        Filter(String name, Wrap wrap) {
            super(name);
            this.wrap = wrap;
        }

        @Override
        public TokenStream create(TokenStream input) {
            return wrap.wrap(input);
        }
    }

    private static final class Normalizing extends Filter implements NormalizingTokenFilterFactory {
        Normalizing(String name, Wrap wrap) {
            super(name, wrap);
        }
    }

    private static final class OfLanguage extends AbstractIndexAnalyzerProvider<Analyzer> {
        private final Analyzer analyzer;

        OfLanguage(String name, Analyzer analyzer) {
            super(name);
            this.analyzer = analyzer;
        }

        @Override
        public Analyzer get() {
            return analyzer;
        }
    }

    private static final Map<String, Supplier<Analyzer>> LANGUAGES = Map.ofEntries(
        Map.entry("english", EnglishAnalyzer::new),
        Map.entry("arabic", ArabicAnalyzer::new),
        Map.entry("armenian", ArmenianAnalyzer::new),
        Map.entry("basque", BasqueAnalyzer::new),
        Map.entry("bengali", BengaliAnalyzer::new),
        Map.entry("bulgarian", BulgarianAnalyzer::new),
        Map.entry("catalan", CatalanAnalyzer::new),
        Map.entry("cjk", CJKAnalyzer::new),
        Map.entry("czech", CzechAnalyzer::new),
        Map.entry("danish", DanishAnalyzer::new),
        Map.entry("dutch", DutchAnalyzer::new),
        Map.entry("estonian", EstonianAnalyzer::new),
        Map.entry("finnish", FinnishAnalyzer::new),
        Map.entry("french", FrenchAnalyzer::new),
        Map.entry("galician", GalicianAnalyzer::new),
        Map.entry("german", GermanAnalyzer::new),
        Map.entry("greek", GreekAnalyzer::new),
        Map.entry("hindi", HindiAnalyzer::new),
        Map.entry("hungarian", HungarianAnalyzer::new),
        Map.entry("indonesian", IndonesianAnalyzer::new),
        Map.entry("irish", IrishAnalyzer::new),
        Map.entry("italian", ItalianAnalyzer::new),
        Map.entry("latvian", LatvianAnalyzer::new),
        Map.entry("lithuanian", LithuanianAnalyzer::new),
        Map.entry("norwegian", NorwegianAnalyzer::new),
        Map.entry("persian", PersianAnalyzer::new),
        Map.entry("portuguese", PortugueseAnalyzer::new),
        Map.entry("romanian", RomanianAnalyzer::new),
        Map.entry("russian", RussianAnalyzer::new),
        Map.entry("spanish", SpanishAnalyzer::new),
        Map.entry("swedish", SwedishAnalyzer::new),
        Map.entry("turkish", TurkishAnalyzer::new)
    );

    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> analyzers = new TreeMap<>();
        LANGUAGES.forEach((language, analyzer) ->
            analyzers.put(language, (index, environment, name, settings) -> new OfLanguage(name, analyzer.get()))
        );
        return analyzers;
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new TreeMap<>();
        filters.put("lowercase", (i, e, name, s) -> new Normalizing(name, LowerCaseFilter::new));
        filters.put("asciifolding", (i, e, name, settings) -> {
            boolean original = settings.getAsBoolean("preserve_original", false);
            return new Normalizing(name, input -> new ASCIIFoldingFilter(input, original));
        });
        filters.put("porter_stem", (i, e, name, s) -> new Filter(name, PorterStemFilter::new));
        filters.put("kstem", (i, e, name, s) -> new Filter(name, KStemFilter::new));
        filters.put("remove_duplicates", (i, e, name, s) -> new Filter(name, RemoveDuplicatesTokenFilter::new));
        filters.put("stemmer", (i, e, name, settings) -> stemmer(name, settings));
        filters.put("keyword_marker", (i, e, name, settings) -> {
            CharArraySet words = new CharArraySet(settings.getAsList("keywords"), settings.getAsBoolean("ignore_case", false));
            return new Filter(name, input -> new SetKeywordMarkerFilter(input, words));
        });
        filters.put("edge_ngram", (i, e, name, settings) -> {
            int least = settings.getAsInt("min_gram", 1);
            int most = settings.getAsInt("max_gram", 2);
            boolean original = settings.getAsBoolean("preserve_original", false);
            return new Filter(name, input -> new EdgeNGramTokenFilter(input, least, most, original));
        });
        return filters;
    }

    private static TokenFilterFactory stemmer(String name, Settings settings) {
        String language = settings.get("language", settings.get("name", "porter"));
        switch (language) {
            case "english":
            case "porter":
                return new Filter(name, PorterStemFilter::new);
            case "light_english":
                return new Filter(name, KStemFilter::new);
            case "minimal_english":
                return new Filter(name, EnglishMinimalStemFilter::new);
            case "possessive_english":
                return new Filter(name, EnglishPossessiveFilter::new);
            default:
                throw new IllegalArgumentException("The local Elasticsearch has no stemmer for [" + language + "]");
        }
    }

    @Override
    public List<RestHandler> getRestHandlers(
        Settings settings,
        NamedWriteableRegistry registry,
        RestController controller,
        ClusterSettings clusterSettings,
        IndexScopedSettings indexSettings,
        SettingsFilter filter,
        IndexNameExpressionResolver resolver,
        Supplier<DiscoveryNodes> nodes,
        Predicate<NodeFeature> features
    ) {
        List<RestHandler> handlers = new ArrayList<>();
        handlers.add(new Root());
        return handlers;
    }

    /** GET / as clients ask it: who is there and in which version. */
    private static final class Root extends BaseRestHandler {
        @Override
        public String getName() {
            return "wiredesk_root";
        }

        @Override
        public List<Route> routes() {
            return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
        }

        @Override
        protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
            return channel -> {
                XContentBuilder json = channel.newBuilder().startObject();
                json.field("name", "wiredesk-local").field("cluster_name", "wiredesk-local");
                json.startObject("version").field("number", Version.CURRENT.toString());
                json.field("build_flavor", "wiredesk-local").field("build_type", "jar");
                json.field("build_hash", Build.current().hash());
                json.endObject().field("tagline", "You Know, for Search").endObject();
                channel.sendResponse(new RestResponse(RestStatus.OK, json));
            };
        }
    }
}
