package io.everwire.verification.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.lang.module.ModuleDescriptor;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;

/** The rules of the architecture, each with its reason. A module that is still empty keeps every rule. */
final class Rules {
    private static final String API = "io.everwire";
    private static final String PROTOCOL = "io.everwire.protocol..";
    private static final String SESSION = "io.everwire.session..";
    private static final String TRANSPORT = "io.everwire.transport..";
    private static final String CLIENT = "io.everwire.client..";
    private static final String SERVER = "io.everwire.server..";
    private static final String FAULT_MODEL = "io.everwire.faults";
    private static final String FAULT_PROXY = "io.everwire.faults.proxy..";
    private static final String FAULTS = "io.everwire.faults..";
    private static final String CLI = "io.everwire.cli..";
    private static final String EXAMPLES = "io.everwire.examples..";
    private static final String STORES = "io.everwire.store..";
    private static final String FILE_STORE = "io.everwire.store.file..";
    private static final String ANY = "io.everwire..";

    static final ArchRule ENGINES_ARE_PURE = classes()
            .that()
            .resideInAnyPackage(API, PROTOCOL, SESSION, FAULT_MODEL)
            .should(OutsideWorld.notReached())
            .because("an engine that is given its time, its chance and its bytes can be tested on virtual time,"
                    + " and a seed repeats its every bug")
            .allowEmptyShould(true);

    static final ArchRule PROTOCOL_KNOWS_NETTYS_BUFFERS_ONLY = noClasses()
            .that()
            .resideInAPackage(PROTOCOL)
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.netty..").and(nonBuffer()))
            .because("frames are decoded in place in Netty's buffers, and everything else of Netty does I/O")
            .allowEmptyShould(true);

    static final ArchRule OTHER_ENGINES_DO_NOT_KNOW_NETTY = noClasses()
            .that()
            .resideInAnyPackage(API, SESSION, FAULT_MODEL)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..")
            .because("they hold decisions, not bytes; a browser or another transport may want them without Netty")
            .allowEmptyShould(true);

    static final ArchRule PROTOCOL_DOES_NOT_KNOW_SESSION = apart(
            PROTOCOL, SESSION, "a connection is plain RFC 6455 to any peer; session and protocol meet in transport");

    static final ArchRule SESSION_DOES_NOT_KNOW_PROTOCOL =
            apart(SESSION, PROTOCOL, "a session outlives its connections; session and protocol meet in transport");

    static final ArchRule CLIENT_DOES_NOT_KNOW_SERVER =
            apart(CLIENT, SERVER, "what both need is a rule of the wire, and each rule is written once, below them");

    static final ArchRule SERVER_DOES_NOT_KNOW_CLIENT =
            apart(SERVER, CLIENT, "what both need is a rule of the wire, and each rule is written once, below them");

    static final ArchRule CLIENT_AND_SERVER_HOLD_NO_RULE_OF_THE_WIRE = noClasses()
            .that()
            .resideInAnyPackage(CLIENT, SERVER)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(PROTOCOL)
            .because("who handles frames decides about frames: only transport drives the protocol")
            .allowEmptyShould(true);

    static final ArchRule API_KNOWS_NOTHING_OF_OURS = noClasses()
            .that()
            .resideInAPackage(API)
            .should()
            .dependOnClassesThat(resideInAnyPackage(ANY).and(outside(API)))
            .because("it is what an application writes against, whatever is beneath")
            .allowEmptyShould(true);

    static final ArchRule ENGINES_KNOW_NOTHING_ABOVE_THEM = noClasses()
            .that()
            .resideInAnyPackage(PROTOCOL, SESSION)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TRANSPORT, CLIENT, SERVER, FAULTS, CLI, EXAMPLES, STORES)
            .because("dependencies point from I/O to rules, never back")
            .allowEmptyShould(true);

    static final ArchRule TRANSPORT_KNOWS_NOTHING_ABOVE_IT = noClasses()
            .that()
            .resideInAPackage(TRANSPORT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLIENT, SERVER, FAULTS, CLI, EXAMPLES, STORES)
            .because("client and server are built on it, and it serves both alike")
            .allowEmptyShould(true);

    static final ArchRule FAULTS_KNOW_NOTHING_OF_OURS = noClasses()
            .that()
            .resideInAPackage(FAULTS)
            .should()
            .dependOnClassesThat(resideInAnyPackage(ANY).and(outside(FAULTS)))
            .because(
                    "a fault must not share a mistake with what it tests, and any WebSocket can be put behind the proxy")
            .allowEmptyShould(true);

    static final ArchRule ONLY_TRANSPORT_TOUCHES_NETWORK_AND_THREADS = classes()
            .that()
            .resideInAPackage(ANY)
            // The proxy is a program of its own, the command line has a terminal to read, examples are an application's
            // code.
            .and()
            .resideOutsideOfPackages(TRANSPORT, FAULT_PROXY, CLI, EXAMPLES, STORES)
            .should(OutsideWorld.networkAndThreadsNotReached())
            .because("one place to look for a leaked connection, a blocked thread or a race")
            .allowEmptyShould(true);

    static final ArchRule ONLY_A_STORE_TOUCHES_FILES = classes()
            .that()
            .resideInAPackage(ANY)
            // The command line reads plans; certificates and keys have one reader, when they are configured.
            .and()
            .resideOutsideOfPackages(STORES, CLI, EXAMPLES)
            .and()
            .doNotHaveFullyQualifiedName("io.everwire.transport.TlsFiles")
            .should(OutsideWorld.filesNotReached())
            .because("a disk blocks, and what blocks must be where everybody expects it")
            .allowEmptyShould(true);

    static final ArchRule A_STORE_KNOWS_SESSIONS_ONLY = noClasses()
            .that()
            .resideInAPackage(STORES)
            .should()
            .dependOnClassesThat(resideInAnyPackage(ANY)
                    .and(outside(API))
                    .and(outside(SESSION))
                    .and(outside(STORES)))
            .because("whoever writes another store must find all that it needs where this one found it")
            .allowEmptyShould(true);

    static final ArchRule A_STORE_ON_DISK_TOUCHES_NO_NETWORK = classes()
            .that()
            .resideInAPackage(FILE_STORE)
            // A thread of its own it may have, for a disk blocks; time is given to it as to an engine.
            .should(OutsideWorld.networkNotReached())
            .andShould(OutsideWorld.clockNotRead())
            .because("what it remembers must depend on its directory and on what it is told, and on nothing else")
            .allowEmptyShould(true);

    static final ArchRule NO_CYCLES = slices().assignedFrom(packages())
            .should()
            .beFreeOfCycles()
            .because("a package that can be understood last needs none that depends on it")
            .allowEmptyShould(true);

    static final ArchRule EVERY_PACKAGE_IS_NULL_MARKED = classes()
            .that()
            .resideInAPackage(ANY)
            .should(beInNullMarkedPackages())
            .because("a null is then allowed only where @Nullable says so, and NullAway checks it")
            .allowEmptyShould(true);

    static final ArchRule NOTHING_BARE_IS_THROWN = classes()
            .that()
            .resideInAPackage(ANY)
            .should(makeNoBareException())
            .because("a caller can only handle what has a name, and only report what has a sentence")
            .allowEmptyShould(true);

    static final ArchRule ONLY_THE_COMMAND_LINE_PRINTS = classes()
            .that()
            .resideInAPackage(ANY)
            // An example is an application, and shows its reader what happens.
            .and()
            .resideOutsideOfPackages(CLI, EXAMPLES)
            .should(printNothing())
            .because("a library's words go to the log that the application has chosen")
            .allowEmptyShould(true);

    private Rules() {}

    /** Public types stand only in packages that the module exports. */
    static ArchRule publicTypesAreExportedBy(ModuleDescriptor module) {
        String[] exported =
                module.exports().stream().map(ModuleDescriptor.Exports::source).toArray(String[]::new);
        return classes()
                .that()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .should()
                .resideInAnyPackage(exported)
                .because("public means promised; what a module does not export can be package-private")
                .allowEmptyShould(true);
    }

    /** Returns the names of the classes that read the machine's clock and are not excused. */
    static Set<String> clockReadersAmong(Iterable<JavaClass> types) {
        Set<String> readers = new TreeSet<>();
        DescribedPredicate<JavaClass> excused = resideInAnyPackage(FAULT_PROXY, CLI, EXAMPLES);
        for (JavaClass type : types) {
            // The proxy and the command line are programs of their own: they measure, and no engine hears of it.
            if (!excused.test(type) && OutsideWorld.accessesOf(type).stream().anyMatch(OutsideWorld::readsClock)) {
                readers.add(type.getName());
            }
        }
        return readers;
    }

    private static ArchRule apart(String from, String to, String reason) {
        return noClasses()
                .that()
                .resideInAPackage(from)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(to)
                .because(reason)
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaClass> outside(String packageName) {
        return DescribedPredicate.not(resideInAnyPackage(packageName));
    }

    private static DescribedPredicate<JavaClass> nonBuffer() {
        return describe("are no buffers", type -> !type.getPackageName().startsWith("io.netty.buffer"));
    }

    private static SliceAssignment packages() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                String name = type.getPackageName();
                return name.startsWith(API) ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages of " + API;
            }
        };
    }

    private static ArchCondition<JavaClass> beInNullMarkedPackages() {
        return new ArchCondition<>("be in a @NullMarked package") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(
                        type, marked, type.getName() + " in a @NullMarked package: " + marked));
            }
        };
    }

    private static ArchCondition<JavaClass> makeNoBareException() {
        Set<String> bare =
                Set.of("java.lang.RuntimeException", "java.lang.Exception", "java.lang.Error", "java.lang.Throwable");
        return new ArchCondition<>("make no bare exception") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaConstructorCall call : type.getConstructorCallsFromSelf()) {
                    JavaCodeUnit origin = call.getOrigin();
                    boolean isSuperCall = origin.isConstructor()
                            && type.getRawSuperclass()
                                    .filter(call.getTargetOwner()::equals)
                                    .isPresent();
                    if (bare.contains(call.getTargetOwner().getName()) && !isSuperCall) {
                        events.add(SimpleConditionEvent.violated(type, call.getDescription()));
                    }
                }
            }
        };
    }

    private static ArchCondition<JavaClass> printNothing() {
        return new ArchCondition<>("print nothing") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaAccess<?> access : OutsideWorld.accessesOf(type)) {
                    String owner = access.getTargetOwner().getName();
                    String name = access.getName();
                    boolean isStream = owner.equals("java.lang.System") && (name.equals("out") || name.equals("err"));
                    if (isStream || name.equals("printStackTrace")) {
                        events.add(SimpleConditionEvent.violated(type, access.getDescription()));
                    }
                }
            }
        };
    }
}
