namespace DeviceMail.Storage;

public static class StorageSetup
{
    public static void AddStorage(this WebApplicationBuilder builder, string dataPath)
    {
        var folder = DataFolder.Open(dataPath);
        builder.Services.AddSingleton(_ => folder);
        builder.Services.AddSingleton<Database>();
        builder.Services.AddSingleton<Journal>();
        builder.Services.AddSingleton(_ => Keyring.Load(folder));
        builder.Services.AddSingleton<SecretStore>();
    }
}
