using System.Text.RegularExpressions;

namespace DeviceMail.Tests.House;

/// <summary>The rules of the house, executed over the source text.</summary>
public sealed partial class HouseTests
{
    private static readonly string[] _order =
    [
        "Messages", "Storage", "Settings", "Activity", "Control", "Web", "Network", "Accounts", "Devices", "People", "Queue", "Notices", "Sending", "EmailServer",
        "Discovery", "Documents", "Printing", "Scanning", "Faxing", "Routing", "Receiving", "Panel", "ToMyEmail", "Doctor",
        "Lab", "Demo",
    ];

    private static readonly string[] _bannedEndings = ["Helper", "Manager", "Util", "Utils", "Common", "Base", "Impl", "Info", "Data"];

    [Fact]
    public void A_folder_uses_only_folders_above_it()
    {
        var faults = new List<string>();
        foreach (var file in Sources("src/DeviceMail"))
        {
            var folder = FolderOf(file);
            if (folder is null) continue;
            foreach (Match use in Uses().Matches(File.ReadAllText(file)))
            {
                var used = use.Groups[1].Value;
                if (Array.IndexOf(_order, used) is var at && (at < 0 || at > Array.IndexOf(_order, folder)))
                    faults.Add($"{file}: {folder} uses {used}, which stands below it");
            }
        }
        Assert.Empty(faults);
    }

    [Fact]
    public void Every_folder_is_in_the_order() =>
        Assert.Empty(Directory.GetDirectories(In("src/DeviceMail")).Select(Path.GetFileName).Except(_order));

    [Fact]
    public void No_file_is_longer_than_400_lines() =>
        Assert.DoesNotContain(Sources("src").Concat(Sources("tests")).Concat(Sources("bench")), file => File.ReadLines(file).Count() > 400);

    [Fact]
    public void No_type_ends_in_a_word_that_says_nothing()
    {
        var faults = Sources("src").SelectMany(file => Types().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Where(name => _bannedEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)));
        Assert.Empty(faults);
    }

    [Fact]
    public void Nothing_is_left_to_do_in_the_code() =>
        Assert.DoesNotContain(Sources("src"), file => ToDo().IsMatch(File.ReadAllText(file)));

    private static string? FolderOf(string file)
    {
        var parts = Path.GetRelativePath(In("src/DeviceMail"), file).Split(Path.DirectorySeparatorChar);
        return parts.Length > 1 ? parts[0] : null;
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(In(folder), "*.cs", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(In(folder), "*.cshtml", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.Contains($"{Path.DirectorySeparatorChar}node_modules{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string In(string folder) => Path.Combine(Repository.Root, folder);

    [GeneratedRegex(@"^\s*@?using (?:static )?DeviceMail\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Uses();

    [GeneratedRegex(@"^\s*(?:public|internal) (?:sealed |abstract |static |readonly |partial )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Types();

    [GeneratedRegex(@"\b(TO" + "DO|FIX" + "ME|HA" + @"CK)\b")]
    private static partial Regex ToDo();
}
